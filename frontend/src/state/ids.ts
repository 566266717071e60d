/** Examples by their ids, out to a file and in from one. */
import { get, post } from "../api/client";
import type { Found } from "../api/types";
import { currentRequest } from "./examples";

/** The index of everything that matches, in the list's order. */
export async function allIndices(): Promise<number[]> {
  const query = currentRequest();
  return (await get<{ examples: number[] }>("api/indices", { query })).examples;
}

/** The examples whose column reads as the values. */
export function findIds(column: string, values: readonly string[]): Promise<Found> {
  return post<Found>("api/ids", { column, values });
}
