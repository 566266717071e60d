/** Saved views: names for what the address says of the list. Rules, not copies. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { ApiError } from "../api/client";
import { get, patch, put, remove } from "../api/client";
import type { SavedView } from "../api/types";
import { asError } from "./resource";
import { format, navigate, parse, type Query, query } from "./url";

const all = signal<readonly SavedView[]>([]);
const failure = signal<ApiError | null>(null);

export const savedViews: ReadonlySignal<readonly SavedView[]> = all;
export const viewsError: ReadonlySignal<ApiError | null> = failure;

interface ViewsAnswer {
  views: SavedView[];
}

/** The address without the place one is at, which is no part of a rule. */
const PLACES = ["near"];

export function readViews(): Promise<boolean> {
  return told(get<ViewsAnswer>("api/views"));
}

/** Saves what the address says now. Whether it went well. */
export function saveView(name: string): Promise<boolean> {
  const rule = ruleOf(query.peek());
  return told(put<ViewsAnswer>("api/views", { name, query: rule }));
}

export function renameView(name: string, next: string): Promise<boolean> {
  return told(patch<ViewsAnswer>("api/views", { name, new_name: next }));
}

export function deleteView(name: string): Promise<boolean> {
  return told(remove<ViewsAnswer>(`api/views?${new URLSearchParams({ name })}`));
}

/** Shows a saved view: its address in place of this one's. */
export function openView(view: SavedView): void {
  const gone = Object.fromEntries(Object.keys(query.peek()).map((name) => [name, null]));
  navigate({ ...gone, ...parse(view.query) });
}

/** Whether the address says what the view says. */
export function isShown(view: SavedView, now: Query): boolean {
  const sorted = (text: string) => [...new URLSearchParams(text)].map(String).sort().join("&");
  return sorted(view.query) === sorted(ruleOf(now));
}

function ruleOf(values: Query): string {
  const kept = Object.entries(values).filter(([name]) => !PLACES.includes(name));
  return format(Object.fromEntries(kept)).replace(/^(\.\/|\?)/, "");
}

async function told(answer: Promise<ViewsAnswer>): Promise<boolean> {
  failure.value = null;
  try {
    all.value = (await answer).views;
    return true;
  } catch (error) {
    failure.value = asError(error);
    return false;
  }
}
