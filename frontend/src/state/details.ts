// Examples beside the one in the address: their views and predictions, fetched once.

import { signal } from "@preact/signals";
import { get } from "../api/client";
import type { ExampleDetail } from "../api/types";
import type { ApiError } from "./board";
import { asError } from "./resource";

interface Detail {
  readonly value: ExampleDetail | null;
  readonly error: ApiError | null;
}

const KEPT = 100;
const known = signal<ReadonlyMap<number, Detail>>(new Map());

/** What is known of an example; undefined before it was asked for. */
export function detailAt(index: number): Detail | undefined {
  return known.value.get(index);
}

/** Fetches the examples that are not there. */
export function wantDetails(indices: readonly number[]): void {
  for (const index of indices) if (!known.peek().has(index)) void fetchDetail(index);
}

async function fetchDetail(index: number): Promise<void> {
  set(index, { value: null, error: null });
  try {
    set(index, { value: await get<ExampleDetail>(`api/examples/${index}`), error: null });
  } catch (error) {
    set(index, { value: null, error: asError(error) });
  }
}

function set(index: number, detail: Detail): void {
  const next = new Map(known.peek()).set(index, detail);
  const oldest = next.keys().next();
  if (next.size > KEPT && !oldest.done) next.delete(oldest.value);
  known.value = next;
}
