// Attributions of a sound: by time, by frequency, and the parts of it that count most.

import type { Feature } from "./attribution";
import type { NumericArray } from "./safetensors";

/** Row after row, from low to high frequencies; one row where frequencies are not told apart. */
export interface SoundMap {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
  /** One number a column. */
  readonly profile: Float64Array;
}

/** What the model gets, as the server tells. */
export type Form = "waveform" | "bands" | "spectrogram";

/** So many columns are drawn at most. */
const COLUMNS = 160;

/**
 * (..., time) as rows and columns, each column the sum over its times; `shared`: the mean, since each element carries
 * the value of its whole feature.
 */
export function soundMap(array: NumericArray, form: Form, shared: boolean): SoundMap {
  const { shape, data } = array;
  const times = shape[shape.length - 1] ?? 0;
  const rows = form === "waveform" || shape.length < 2 ? 1 : (shape[shape.length - 2] ?? 1);
  const columns = Math.min(COLUMNS, times);
  const values = new Float64Array(rows * columns);
  const counts = new Float64Array(rows * columns);
  data.forEach((value: number, i: number) => {
    const row = Math.floor(i / times) % rows;
    const place = row * columns + Math.floor(((i % times) * columns) / times);
    values[place]! += value;
    counts[place]! += 1;
  });
  const means = values.map((sum, i) => (shared ? sum / Math.max(1, counts[i]!) : sum));
  return { rows, columns, values: means, profile: profileOf(means, rows, columns, shared) };
}

/** Rows that all carry the same value share one feature: it counts once. */
function profileOf(values: Float64Array, rows: number, columns: number, shared: boolean) {
  return Float64Array.from({ length: columns }, (_, column) => {
    const all = Array.from({ length: rows }, (_, row) => values[row * columns + column]!);
    const same = shared && all.every((value) => value === all[0]);
    return same ? (all[0] ?? 0) : all.reduce((sum, value) => sum + value, 0);
  });
}

/** The columns that carry `share` of all strength, strongest first: what to keep when the rest is silenced. */
export function strongestColumns(profile: Float64Array, share: number): boolean[] {
  const order = Array.from(profile.keys()).sort(
    (a, b) => Math.abs(profile[b]!) - Math.abs(profile[a]!),
  );
  const total = profile.reduce((sum, value) => sum + Math.abs(value), 0);
  const kept = Array.from(profile, () => false);
  let sum = 0;
  for (const column of order) {
    if (sum >= share * total - 1e-12 || profile[column] === 0) break;
    sum += Math.abs(profile[column]!);
    kept[column] = true;
  }
  return kept;
}

/** Each row's frequencies from..to in Hz where they are known. */
export function bandNames(edges: readonly number[] | null, rows: number): string[] {
  return Array.from({ length: rows }, (_, row) =>
    edges ? `${hertz(edges[row]!)}–${hertz(edges[row + 1]!)} Hz` : `band ${row}`,
  );
}

export function hertz(value: number): string {
  return value >= 1000 ? `${Number((value / 1000).toFixed(1))}k` : String(Math.round(value));
}

/** Where a frequency lies between 0 and `top`, evenly in mel, 0..1. */
export function melShare(value: number, top: number): number {
  return Math.log10(1 + value / 700) / Math.log10(1 + top / 700);
}

/** Slices of time with their values, an eighth of a second and the like, and bands where there are some. */
export function soundFeatures(
  input: string,
  map: SoundMap,
  seconds: number,
  shared: boolean,
): Feature[] {
  const slices = Math.min(map.columns, 15);
  return Array.from({ length: slices }, (_, slice) => {
    const from = Math.ceil((slice * map.columns) / slices);
    const to = Math.ceil(((slice + 1) * map.columns) / slices);
    const part = map.profile.subarray(from, to);
    const sum = part.reduce((total, value) => total + value, 0);
    const time = (column: number) => ((column / map.columns) * seconds).toFixed(2);
    return {
      input,
      id: `${from}-${to}`,
      label: `${time(from)}–${time(to)} s`,
      note: "",
      value: shared ? sum / Math.max(1, part.length) : sum,
    };
  });
}

/** The sum of each row. */
export function bandSums(map: SoundMap): Float64Array {
  return Float64Array.from({ length: map.rows }, (_, row) =>
    map.values
      .subarray(row * map.columns, (row + 1) * map.columns)
      .reduce((sum, value) => sum + value, 0),
  );
}
