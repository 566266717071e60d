// Results as files for other programs: CSV with one row an element, JSON with everything.

import type { NumericArray } from "./safetensors";

export interface Exported {
  /** The provenance, as the server keeps it. */
  readonly meta: Readonly<Record<string, unknown>>;
  readonly arrays: Readonly<Record<string, NumericArray>>;
  /** By input: what each element along the first axis is called, such as its word. */
  readonly names: Readonly<Record<string, readonly string[]>>;
}

/** One row an element: the input, its place in the tensor, its name where it has one, and the value in full. */
export function csvOf({ arrays, names }: Exported): string {
  const rows = [["input", "place", "name", "value"]];
  for (const [input, { shape, data }] of Object.entries(arrays)) {
    data.forEach((value, i) => {
      const place = placeOf(shape, i);
      rows.push([
        cell(input),
        place.join(" "),
        cell(names[input]?.[place[0] ?? 0] ?? ""),
        String(value),
      ]);
    });
  }
  return rows.map((row) => `${row.join(",")}\r\n`).join("");
}

function placeOf(shape: readonly number[], index: number): number[] {
  const place: number[] = [];
  for (const size of [...shape].reverse()) {
    place.unshift(index % size);
    index = Math.floor(index / size);
  }
  return place;
}

/** Quoted; a spreadsheet would run a text that begins like a formula, so it gets an apostrophe. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The provenance with every array as nested lists. Numbers that are not finite are null. */
export function jsonOf({ meta, arrays, names }: Exported): string {
  const nested = Object.fromEntries(
    Object.entries(arrays).map(([input, { shape, data }]) => [
      input,
      { shape, names: names[input], values: nest(Array.from(data), shape) },
    ]),
  );
  return `${JSON.stringify({ result: meta, attributions: nested }, null, 1)}\n`;
}

function nest(values: readonly number[], shape: readonly number[]): unknown {
  if (shape.length <= 1) return values;
  const [count = 0, ...rest] = shape;
  const each = count ? values.length / count : 0;
  return Array.from({ length: count }, (_, i) =>
    nest(values.slice(i * each, (i + 1) * each), rest),
  );
}
