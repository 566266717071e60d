/** The examples a person picked: the server keeps them, so that a notebook and other windows see the same. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { ApiError } from "../api/client";
import { get, put } from "../api/client";
import { currentRequest, examples } from "./examples";
import { asError } from "./resource";

/** The most the server takes. */
export const MOST_SELECTED = 100_000;
const SEND_AFTER = 150;

const chosen = signal<ReadonlySet<number>>(new Set());
const failure = signal<ApiError | null>(null);
const loading = signal(false);

/** Indices of the selected examples, in the order they were picked. */
export const selected: ReadonlySignal<ReadonlySet<number>> = chosen;
/** Why the last selection did not reach the server, or was not made. */
export const selectionError: ReadonlySignal<ApiError | null> = failure;
export const selecting: ReadonlySignal<boolean> = loading;

/** Where a range begins: the place in the list that was picked last. */
let anchor = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Changes not yet with the server: what it says meanwhile is older. */
let unsent = 0;

export function select(indices: Iterable<number>): void {
  chosen.value = new Set([...indices].slice(0, MOST_SELECTED));
  send();
}

export function toggle(index: number, position: number): void {
  anchor = position;
  const next = new Set(chosen.peek());
  if (!next.delete(index)) next.add(index);
  select(next);
}

/** Adds everything between the example picked last and this one, as far as the list is loaded. */
export function selectTo(position: number): void {
  const { items } = examples.peek();
  const between = items.slice(Math.min(anchor, position), Math.max(anchor, position) + 1);
  select([...chosen.peek(), ...between.map((item) => item.index)]);
}

/** Where the next range begins, when nothing was picked yet. */
export function anchorAt(position: number): void {
  if (chosen.peek().size === 0) anchor = position;
}

/** Everything that matches, loaded or not, in the list's order. */
export async function selectAll(): Promise<void> {
  loading.value = true;
  failure.value = null;
  try {
    const { examples: indices } = await get<{ examples: number[] }>("api/indices", {
      query: currentRequest(),
    });
    select(indices);
  } catch (error) {
    failure.value = asError(error);
  } finally {
    loading.value = false;
  }
}

export function clearSelection(): void {
  failure.value = null;
  if (chosen.peek().size > 0) select([]);
}

/** Takes over what another window or a notebook selected. */
export async function readSelection(): Promise<void> {
  if (unsent > 0) return;
  try {
    const { examples: indices } = await get<{ examples: number[] }>("api/selection");
    if (unsent === 0) chosen.value = new Set(indices);
  } catch (error) {
    failure.value = asError(error);
  }
}

function send(): void {
  unsent += 1;
  clearTimeout(timer);
  timer = setTimeout(() => void write(), SEND_AFTER);
}

async function write(): Promise<void> {
  const sent = unsent;
  try {
    await put("api/selection", { examples: [...chosen.peek()] });
    failure.value = null;
  } catch (error) {
    failure.value = asError(error);
  } finally {
    unsent -= sent;
  }
}
