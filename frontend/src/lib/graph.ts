// Attributions of a graph: one number a node and one an edge, and what lies around a node.

import type { Feature } from "./attribution";
import { perToken } from "./attribution";
import type { NumericArray } from "./safetensors";

/** Its two ends and its weight. */
export type Edge = readonly [from: number, to: number, weight: number];

export interface GraphValues {
  /** From the features of each node; null where they are not there. */
  readonly own: Float64Array | null;
  /** Of each edge. */
  readonly edges: Float64Array | null;
  /** Of each node with half of every edge that ends in it. */
  readonly whole: Float64Array;
}

/** (nodes, features) as one number a node. `shared`: averaged, as each carries the whole node's. */
export function nodeValues(array: NumericArray, shared: boolean): Float64Array {
  const width = array.shape[1] ?? 1;
  return Float64Array.from(perToken(array), (sum) => (shared ? sum / width : sum));
}

/** (nodes, nodes) as one number an edge: both directions together, unless it has only one. */
export function edgeValues(
  edges: readonly Edge[],
  directed: boolean,
  { shape, data }: NumericArray,
  shared: boolean,
): Float64Array {
  const count = shape[0] ?? 0;
  return Float64Array.from(edges, ([from, to]) => {
    const there = data[from * count + to] ?? 0;
    if (directed || from === to) return there;
    const back = data[to * count + from] ?? 0;
    return shared ? (there + back) / 2 : there + back;
  });
}

/** Nodes and edges put together. Where an edge is shared by two nodes, each gets half of it. */
export function graphValues(
  count: number,
  edges: readonly Edge[],
  own: Float64Array | null,
  ofEdges: Float64Array | null,
): GraphValues {
  const whole = Float64Array.from({ length: count }, (_, i) => own?.[i] ?? 0);
  edges.forEach(([from, to], place) => {
    const half = (ofEdges?.[place] ?? 0) / 2;
    whole[from]! += half;
    whole[to]! += half;
  });
  return { own, edges: ofEdges, whole };
}

/** The nodes an edge away from a node. */
export function neighbours(edges: readonly Edge[], node: number): Set<number> {
  const found = new Set<number>();
  for (const [from, to] of edges) {
    if (from === node) found.add(to);
    if (to === node) found.add(from);
  }
  return found;
}

export function nodeFeatures(
  input: string,
  names: readonly string[],
  values: Float64Array,
): Feature[] {
  return names.map((name, i) => ({
    input,
    id: String(i),
    label: `node ${name}`,
    note: "",
    value: values[i] ?? 0,
  }));
}

export function edgeId([from, to]: Edge): string {
  return `${from}-${to}`;
}

export function edgeFeatures(
  input: string,
  edges: readonly Edge[],
  names: readonly string[],
  directed: boolean,
  values: Float64Array,
): Feature[] {
  const name = (node: number) => names[node] ?? String(node);
  return edges.map((edge, i) => ({
    input,
    id: edgeId(edge),
    label: `${name(edge[0])} ${directed ? "→" : "–"} ${name(edge[1])}`,
    note: "",
    value: values[i] ?? 0,
  }));
}
