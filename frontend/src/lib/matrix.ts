// Tensors of any shape as something flat to look at: a slice of the last two dimensions, sums along one, a histogram.

import type { Feature } from "./attribution";
import type { NumericArray } from "./safetensors";

/** Rows of numbers; NaN where nothing is known. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** A place in each leading dimension; null for all of it. */
export type Slice = readonly (number | null)[];

/** How many dimensions come before the two that are drawn. */
export function leading(shape: readonly number[]): readonly number[] {
  return shape.slice(0, -2);
}

/** "1,all,0": a place in each leading dimension; null for all of every one. */
export function formatSlice(slice: Slice): string | null {
  return slice.every((place) => place === null) ? null : slice.map((p) => p ?? "all").join(",");
}

/** What fits the shape: places beyond a dimension, or of no number, are all of it. */
export function parseSlice(text: string | undefined, shape: readonly number[]): Slice {
  const parts = (text ?? "").split(",");
  return leading(shape).map((size, d) => {
    const part = parts[d] ?? "";
    return /^\d+$/.test(part) && Number(part) < size ? Number(part) : null;
  });
}

/** The last two dimensions at a slice; `mean` of what is taken together, or its sum. */
export function matrixAt({ shape, data }: NumericArray, slice: Slice, mean: boolean): Matrix {
  const columns = shape[shape.length - 1] ?? 1;
  const rows = shape.length > 1 ? (shape[shape.length - 2] ?? 1) : 1;
  const values = new Float64Array(rows * columns);
  const outer = leading(shape);
  let taken = 0;
  for (let block = 0; block * values.length < data.length; block++) {
    if (!inside(block, outer, slice)) continue;
    taken++;
    const start = block * values.length;
    for (let i = 0; i < values.length; i++) values[i]! += data[start + i] ?? Number.NaN;
  }
  return { rows, columns, values: mean && taken > 1 ? values.map((sum) => sum / taken) : values };
}

function inside(block: number, outer: readonly number[], slice: Slice): boolean {
  for (let d = outer.length - 1; d >= 0; d--) {
    const place = block % outer[d]!;
    block = Math.floor(block / outer[d]!);
    if (slice[d] != null && slice[d] !== place) return false;
  }
  return true;
}

/** Each place of one dimension, summed over all others, or their mean where values are shared: "[…, 2]". */
export function sliceFeatures(
  input: string,
  { shape, data }: NumericArray,
  dimension: number,
  shared = false,
): Feature[] {
  const count = shape[dimension] ?? 0;
  const stride = shape.slice(dimension + 1).reduce((size, side) => size * side, 1);
  const sums = new Float64Array(count);
  for (let i = 0; i < data.length; i++) sums[Math.floor(i / stride) % count]! += data[i]!;
  const each = data.length / Math.max(1, count);
  return Array.from(sums, (sum, i) => ({
    input,
    id: `slice ${dimension} ${i}`,
    label: `[${shape.map((_, d) => (d === dimension ? i : "…")).join(", ")}]`,
    note: "",
    value: shared ? sum / each : sum,
  }));
}

export interface Count {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** How many values lie where between minus and plus the greatest strength; an odd number of bins, zero in the middle. */
export function histogramOf(values: ArrayLike<number>, bins = 41): Count[] {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size > most && Number.isFinite(size)) most = size;
  }
  if (most === 0) return [];
  const width = (2 * most) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    counts[Math.min(bins - 1, Math.floor((value + most) / width))]! += 1;
  }
  return counts.map((count, i) => ({
    from: -most + i * width,
    to: -most + (i + 1) * width,
    count,
  }));
}
