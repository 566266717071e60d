/**
 * What the page shows lives in the address: every setting is one parameter of the query string, so a
 * link reopens the same view and the browser's back and forward work.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";

export type Query = Readonly<Record<string, string>>;
/** New values by name; null, undefined and "" take a parameter away, and "p.*" all that begin with "p.". */
export type Patch = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type ViewName = "examples" | "explain" | "compare" | "modalities" | "dataset" | "trust";
const VIEWS: readonly ViewName[] = [
  "examples",
  "explain",
  "compare",
  "modalities",
  "dataset",
  "trust",
];

const current = signal<Query>(parse(location.search));

export const query: ReadonlySignal<Query> = current;

export const view: ReadonlySignal<ViewName> = computed(() => {
  const name = current.value.view;
  return VIEWS.find((known) => known === name) ?? "examples";
});

export function parse(search: string): Query {
  return Object.fromEntries(new URLSearchParams(search));
}

/** The query with the patch applied, its parameters in a stable order. */
export function patched(base: Query, patch: Patch): Query {
  const next: Record<string, string> = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (name.endsWith("*")) dropAll(next, name.slice(0, -1));
    else if (value === null || value === undefined || value === "") delete next[name];
    else next[name] = String(value);
  }
  return next;
}

function dropAll(values: Record<string, string>, prefix: string): void {
  for (const name of Object.keys(values)) if (name.startsWith(prefix)) delete values[name];
}

export function format(values: Query): string {
  const text = new URLSearchParams(values).toString();
  return text === "" ? "./" : `?${text}`;
}

/** The link to the same view with some parameters changed. */
export function href(patch: Patch): string {
  return format(patched(current.value, patch));
}

/** Changes the address: "push" for a step the back button undoes, "replace" while something is dragged or typed. */
export function navigate(patch: Patch, mode: "push" | "replace" = "push"): void {
  const next = patched(current.peek(), patch);
  if (format(next) === format(current.peek())) return;
  if (mode === "push") {
    settleUrl();
    history.pushState(null, "", format(next));
  }
  current.value = next;
  if (mode === "replace") writeSoon(Object.keys(patch).join());
}

/** Browsers refuse more than some twenty changes of the address a second, which a drag easily makes. */
const PAUSE = 100;
let written = Number.NEGATIVE_INFINITY;
let writtenFor = "";
let waiting: ReturnType<typeof setTimeout> | undefined;

/**
 * A drag changes the same parameters over and over, and may wait. A change of others is a choice:
 * it is written at once, so that a reload right after it keeps it.
 */
function writeSoon(names: string): void {
  const left = names === writtenFor ? written + PAUSE - performance.now() : 0;
  writtenFor = names;
  if (left <= 0) write();
  else waiting ??= setTimeout(write, left);
}

function write(): void {
  clearTimeout(waiting);
  waiting = undefined;
  written = performance.now();
  history.replaceState(null, "", format(current.peek()));
}

/** Writes what the address bar does not say yet, such as the end of a drag. */
export function settleUrl(): void {
  if (waiting !== undefined) write();
}

/** A parameter as a whole number, or null where it is absent or no such number. */
export function integer(values: Query, name: string): number | null {
  const text = values[name];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : null;
}

/** A parameter as a finite number, or null. */
export function decimal(values: Query, name: string): number | null {
  const text = values[name];
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Follows the browser's history, and takes the sign-in token out of the address bar. */
export function startUrl(): void {
  addEventListener("popstate", () => {
    clearTimeout(waiting);
    waiting = undefined;
    current.value = parse(location.search);
  });
  navigate({ token: null }, "replace");
  settleUrl();
}
