// Scores at the places of an output that has several, fetched once.

import { signal } from "@preact/signals";
import { get } from "../api/client";
import type { PlaceScores, Score } from "../api/types";

const KEPT = 400;
const known = signal<ReadonlyMap<string, readonly Score[] | null>>(new Map());

function keyOf(example: number, model: string, place: number): string {
  return JSON.stringify([example, model, place]);
}

/** High to low; null while they are not known. */
export function placeScores(
  example: number,
  model: string,
  place: number,
): readonly Score[] | null {
  return known.value.get(keyOf(example, model, place)) ?? null;
}

/** Fetches them, unless they are there or on their way. */
export function wantPlaceScores(example: number, model: string, place: number): void {
  const key = keyOf(example, model, place);
  if (!known.peek().has(key)) void fetchScores(key, example, model, place);
}

async function fetchScores(
  key: string,
  example: number,
  model: string,
  place: number,
): Promise<void> {
  set(key, null);
  try {
    set(key, (await scoresOf(example, model, place, "")).scores);
  } catch {
    forget(key); // asked again when it is looked at again; the attribution itself says what is wrong
  }
}

/** Those whose name contains `text`. */
export function scoresOf(
  example: number,
  model: string,
  place: number,
  text: string,
  limit = 2000,
): Promise<PlaceScores> {
  const query = { model, place: String(place), q: text, limit: String(limit) };
  return get<PlaceScores>(`api/examples/${example}/scores`, { query: new URLSearchParams(query) });
}

function set(key: string, scores: readonly Score[] | null): void {
  const next = new Map(known.peek()).set(key, scores);
  const oldest = next.keys().next();
  if (next.size > KEPT && !oldest.done) next.delete(oldest.value);
  known.value = next;
}

function forget(key: string): void {
  const next = new Map(known.peek());
  next.delete(key);
  known.value = next;
}
