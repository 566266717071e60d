// How far attributions agree with one another, and how they are spread. No passes through the model.

import type { Numbers } from "./safetensors";

export type Vector = readonly number[];

/** Spearman's rank correlation, -1..1; 0 where all values of one are equal. Ties share their mean rank. */
export function rankCorrelation(a: Vector, b: Vector): number {
  const [ra, rb] = [centred(ranks(a)), centred(ranks(b))];
  const size = Math.sqrt(dot(ra, ra) * dot(rb, rb));
  return size > 0 ? dot(ra, rb) / size : 0;
}

/** The share of the `count` strongest features that both have in common, whatever their sign. */
export function topOverlap(a: Vector, b: Vector, count: number): number {
  const k = Math.min(count, a.length);
  if (k === 0) return 0;
  const other = new Set(strongest(b, k));
  return strongest(a, k).filter((place) => other.has(place)).length / k;
}

/** So many features are called the strongest: ten, or a quarter where there are few. */
export function topCount(features: number): number {
  return Math.max(1, Math.min(10, Math.ceil(features / 4)));
}

/** The Gini index of all strengths: 0 for all alike, near 1 for a single one (Chalasani et al. 2020). */
export function sparseness(arrays: readonly Numbers[]): number {
  const length = arrays.reduce((sum, { length }) => sum + length, 0);
  const sizes = new Float64Array(length);
  let at = 0;
  for (const array of arrays) for (const value of array) sizes[at++] = Math.abs(value);
  sizes.sort();
  let total = 0;
  let weighted = 0;
  sizes.forEach((size, i) => {
    total += size;
    weighted += size * (2 * (i + 1) - length - 1);
  });
  return total > 0 ? weighted / (length * total) : 0;
}

/** Every pair's agreement, in a square; ones on the diagonal. */
export function matrixOf(
  vectors: readonly Vector[],
  agreement: (a: Vector, b: Vector, i: number, j: number) => number,
): number[][] {
  const matrix: number[][] = vectors.map((_, i) => vectors.map((_, j) => Number(i === j)));
  for (let i = 0; i < vectors.length; i++) {
    for (let j = 0; j < i; j++) {
      matrix[i]![j] = matrix[j]![i] = agreement(vectors[i]!, vectors[j]!, i, j);
    }
  }
  return matrix;
}

/** From here on two are said to agree, and below the second number to differ. */
export const AGREES = 0.6;
export const DIFFERS = 0.3;

export interface Findings {
  /** Places of those that agree, each with each. */
  readonly groups: readonly (readonly number[])[];
  /** Places of those that differ from every other one. */
  readonly apart: readonly number[];
}

/** The measure is not defined for a pair, which then neither agrees nor differs. */
export const UNDEFINED = Number.NaN;

/** Who agrees with whom: groups grow from the pair that agrees best. */
export function findings(matrix: readonly (readonly number[])[]): Findings {
  const all = matrix.map((_, i) => i);
  const pairs = all
    .flatMap((i) => all.slice(0, i).map((j) => [j, i] as const))
    .filter(([i, j]) => matrix[i]![j]! >= AGREES)
    .sort(([a, b], [c, d]) => matrix[c]![d]! - matrix[a]![b]!);
  const groups: number[][] = [];
  for (const [i, j] of pairs) {
    if (groups.some((group) => group.includes(i) || group.includes(j))) continue;
    const group = [i, j];
    for (const k of all) {
      const free = !groups.some((other) => other.includes(k)) && !group.includes(k);
      if (free && group.every((member) => matrix[k]![member]! >= AGREES)) group.push(k);
    }
    groups.push(group.sort((a, b) => a - b));
  }
  const apart = all.filter((i) => all.every((j) => i === j || matrix[i]![j]! < DIFFERS));
  return { groups, apart: all.length > 1 ? apart : [] };
}

/** The findings in a sentence; `what` is the columns' noun in the plural, `agree` what those alike do. */
export function inWords(
  { groups, apart }: Findings,
  names: readonly string[],
  what: string,
  agree = "agree",
  where = "on this example",
): string {
  const listed = (places: readonly number[]) => join(places.map((place) => names[place]!));
  if (names.length < 2) return "";
  if (groups.length === 1 && groups[0]!.length === names.length) {
    return `${names.length === 2 ? "Both" : `All ${names.length}`} ${what} ${agree} ${where}.`;
  }
  if (apart.length === names.length) {
    return `No two ${what} ${agree} ${where}.`;
  }
  const parts = groups.map((group) => `${listed(group)} ${agree}`);
  if (apart.length) {
    const verb = apart.length === 1 ? "differs" : "differ";
    parts.push(`${listed(apart)} ${verb} from every other one`);
  }
  if (!parts.length) return `The ${what} ${agree} in part, no two of them closely, ${where}.`;
  return `${parts.join("; ")} ${where}.`;
}

function join(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A short name for a narrow column: initials of several words, the first letters of one. */
export function shortName(name: string): string {
  const words = name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [];
  if (words.length < 2) return name.length > 5 ? name.slice(0, 3) : name;
  return words.map((word) => (word.length > 1 ? word[0]!.toUpperCase() : word)).join("");
}

/** "yes rather than no" -> "yes−no", each by its short name. */
export function shortContrast(names: readonly string[]): string {
  return names.map((name) => (names.length > 1 ? shortName(name) : name)).join("−");
}

function ranks(values: Vector): Float64Array {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const found = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++;
    for (let place = from; place <= to; place++) found[order[place]!] = (from + to) / 2;
    from = to + 1;
  }
  return found;
}

function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return values.map((value) => value - mean);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function strongest(values: Vector, count: number): number[] {
  return values
    .map((_, i) => i)
    .sort((i, j) => Math.abs(values[j]!) - Math.abs(values[i]!) || i - j)
    .slice(0, count);
}
