import { useMemo, useState } from "preact/hooks";
import { edgeValues, graphValues, neighbours, nodeValues } from "../../lib/graph";
import { PALETTES } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import { among, figure, limitAt, percent } from "../../lib/scale";
import type { ExampleInput } from "../../state/board";
import { point, pointedFeature } from "../../state/display";
import { dark } from "../../state/theme";
import { Button } from "../Button";
import { Segmented } from "../Segmented";
import { GraphDrawing } from "./GraphDrawing";
import { Legend } from "./Legend";
import { Panel } from "./Panel";
import { SignedBar } from "./SignedBar";

type GraphView = Extract<ExampleInput["view"], { kind: "graph" }>;
type EdgesView = Extract<ExampleInput["view"], { kind: "edges" }>;
type Counted = "whole" | "own";

/** The graph's edges with their attributions. */
export interface EdgesOf {
  name: string;
  view: EdgesView;
  array: NumericArray | null;
  shared: boolean;
  share: number | null;
}

interface GraphPanelProps {
  input: ExampleInput;
  view: GraphView;
  array: NumericArray | null;
  /** Null where the board has no edges of these nodes. */
  edges: EdgesOf | null;
  unsigned: boolean;
  stale: boolean;
  /** Its part of the strength of all inputs. */
  share: number | null;
  /** A node's features each carry the value of the whole node. */
  shared: boolean;
  /** The value in full colour on every input; null where each has its own. */
  limit: number | null;
}

/** Nodes laid out and joined, each on the colour of its attribution, and the table of their features. */
export function GraphPanel(props: GraphPanelProps) {
  const { input, view, array, edges, unsigned, stale, share, shared, limit } = props;
  const [counted, setCounted] = useState<Counted>("whole");
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const values = useMemo(() => {
    if (!array && !edges?.array) return null;
    const list = edges?.view.edges ?? [];
    const own = array ? nodeValues(array, shared) : null;
    const ofEdges = edges?.array
      ? edgeValues(list, edges.view.directed, edges.array, edges.shared)
      : null;
    return graphValues(view.names.length, list, own, ofEdges);
  }, [array, edges?.array, edges?.view, edges?.shared, shared, view]);
  const both = values?.edges != null && values.own !== null;
  const ofNodes = both && counted === "own" ? values.own : (values?.whole ?? null);
  const nodeLimit = limit ?? (ofNodes ? limitAt(ofNodes, 100) : 0);
  const edgeLimit = limit ?? (values?.edges ? limitAt(values.edges, 100) : 0);
  return (
    <Panel
      share={share}
      title={input.name}
      note={noteOf(view, edges)}
      stale={stale}
      tools={
        both && (
          <Segmented<Counted>
            label="What a node's colour counts"
            value={counted}
            options={[
              { id: "whole", title: "With edges", help: "Half of each edge goes to each end" },
              { id: "own", title: "Alone", help: "What the node's own numbers say" },
            ]}
            onChange={setCounted}
          />
        )
      }
    >
      <GraphDrawing
        graph={{
          nodes: input.name,
          edges: edges?.name ?? null,
          names: view.names,
          list: edges?.view.edges ?? [],
          places: edges?.view.places ?? ring(view.names.length),
          directed: edges?.view.directed ?? false,
        }}
        ofNodes={ofNodes}
        ofEdges={values?.edges ?? null}
        {...{ nodeLimit, edgeLimit, unsigned, palette }}
        label={`${input.name}: ${noteOf(view, edges)}. The table below holds the numbers.`}
      />
      {values && (
        <div class="panel-foot graph-legends">
          <span class="muted">{input.name}</span>
          <Legend {...legend(nodeLimit, unsigned)} palette={palette} />
          {values.edges && (
            <>
              <span class="muted num">
                {edges?.name}
                {edges?.share != null && `, ${percent(edges.share)} of all strength`}
              </span>
              <Legend {...legend(edgeLimit, unsigned)} palette={palette} short />
            </>
          )}
        </div>
      )}
      <NodeTable {...{ input, view, edges, ofNodes, unsigned }} most={nodeLimit} />
    </Panel>
  );
}

function legend(limit: number, unsigned: boolean) {
  return { limit, sign: unsigned ? "absolute" : "both", strengths: "violet" } as const;
}

function noteOf({ names }: GraphView, edges: EdgesOf | null): string {
  const many = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  if (!edges) return many(names.length, "node");
  return `${many(names.length, "node")}, ${many(edges.view.edges.length, "edge")}`;
}

/** Nodes that nothing joins, side by side. */
function ring(count: number): [number, number][] {
  return Array.from({ length: count }, (_, i) => {
    const turn = (2 * Math.PI * i) / count;
    return [0.5 + 0.5 * Math.cos(turn), 0.5 + 0.5 * Math.sin(turn)];
  });
}

interface NodeTableProps {
  input: ExampleInput;
  view: GraphView;
  edges: EdgesOf | null;
  ofNodes: Float64Array | null;
  unsigned: boolean;
  most: number;
}

/** More columns of features do not fit. */
const COLUMNS = 6;
/** So many nodes are listed unasked. */
const FIRST = 10;

/** Every node, strongest first, with its neighbours and its features. */
function NodeTable({ input, view, edges, ofNodes, unsigned, most }: NodeTableProps) {
  const [all, setAll] = useState(false);
  const list = edges?.view.edges ?? [];
  const order = view.names.map((_, i) => i);
  if (ofNodes) order.sort((a, b) => Math.abs(ofNodes[b] ?? 0) - Math.abs(ofNodes[a] ?? 0));
  const columns = view.columns.slice(0, COLUMNS);
  const centred = !unsigned && (ofNodes ?? []).some((value) => value < 0);
  const pointed = pointedFeature.value;
  return (
    <div class="graph-table">
      <table class="columns" onPointerLeave={() => point(null)}>
        <thead>
          <tr>
            <th scope="col">node</th>
            {edges && <th scope="col">joined to</th>}
            {columns.map((column) => (
              <th key={column} scope="col" class="of-value">
                {column}
              </th>
            ))}
            {ofNodes && (
              <th scope="col" colSpan={2}>
                {unsigned ? "strength" : centred ? "against, for" : "for"}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {order.slice(0, all ? undefined : FIRST).map((node) => {
            const value = ofNodes?.[node] ?? 0;
            const on = pointed?.input === input.name && pointed.id === String(node);
            return (
              <tr
                key={node}
                class={on ? "on" : ""}
                onPointerEnter={() => point({ input: input.name, id: String(node) })}
              >
                <th scope="row">{view.names[node]}</th>
                {edges && (
                  <td class="muted graph-near">
                    {[...neighbours(list, node)].map((other) => view.names[other]).join(" ")}
                  </td>
                )}
                {columns.map((column, place) => (
                  <td key={column} class="of-value num">
                    {figure(view.values[node]?.[place] ?? 0)}
                  </td>
                ))}
                {ofNodes && (
                  <>
                    <td class="of-bar">
                      <SignedBar value={value} most={most} centred={centred} unsigned={unsigned} />
                    </td>
                    <td class="num value">
                      {value > 0 && !unsigned && "+"}
                      {among(value, most)}
                    </td>
                  </>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      {order.length > FIRST && (
        <p class="panel-note">
          <Button onClick={() => setAll(!all)}>
            {all ? `Show the first ${FIRST} nodes` : `Show all ${order.length} nodes`}
          </Button>
        </p>
      )}
    </div>
  );
}
