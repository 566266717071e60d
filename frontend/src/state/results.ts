// Results by their key: attributions as arrays, with where they come from.

import { address, bytes } from "../api/client";
import type { ResultMeta } from "../api/types";
import { type NumericArray, parseSafetensors } from "../lib/safetensors";

export type { ResultMeta };

export type Arrays = Readonly<Record<string, NumericArray>>;

export interface Result {
  readonly meta: ResultMeta;
  readonly arrays: Arrays;
}

/** The arrays of a stored result, or those so far of a running computation. */
export async function loadArrays(key: string, signal?: AbortSignal): Promise<Arrays> {
  const body = await bytes(`api/results/${encodeURIComponent(key)}`, { signal });
  return parseSafetensors(body).arrays;
}

/** Where a stored result's file is. */
export function resultAddress(key: string): string {
  return address(`api/results/${encodeURIComponent(key)}`);
}

/** Bytes in memory. */
export function sizeOf(arrays: Arrays): number {
  return Object.values(arrays).reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** JSON with sorted names: equal requests give equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
