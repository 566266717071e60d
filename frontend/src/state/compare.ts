// The Compare view's state: its columns, what each of them asks for, and what has come of it. All of it follows the address.

import { computed, effect, type ReadonlySignal, untracked } from "@preact/signals";
import type { AttributionRequest, ExampleDetail } from "../api/types";
import { board } from "./board";
import { type Column, columnOf, firstColumns, hasKind, KINDS, type Kind } from "./columns";
import { detailAt, wantDetails } from "./details";
import { detail, isCheap, isUnsigned, type Shown, settings } from "./explain";
import { isLive, leaveRun, type Run, requestKey, runOf, startRun } from "./runs";
import { settingsPatch } from "./settings";
import { navigate, query } from "./url";

export type { Column, Kind } from "./columns";

export type ScaleKind = "own" | "shared";
/** Examples can also be the rows of a table, as in a paper's figure. */
export type Layout = "columns" | "rows";

const MOST = 12;
/** Each running job holds a connection open, and a browser has six of them for a server. */
const AT_ONCE = 3;

export interface Cell extends Column {
  /** The example it is about; null while it is on its way. */
  readonly detail: ExampleDetail | null;
  readonly run: Run | null;
  /** What there is to draw; null before there is anything. */
  readonly shown: Shown | null;
  readonly unsigned: boolean;
}

export const kind: ReadonlySignal<Kind> = computed(() => {
  const asked = KINDS.find((known) => known === query.value.columns) ?? "methods";
  return hasKind(asked) ? asked : "methods";
});

export const layout: ReadonlySignal<Layout> = computed(() =>
  kind.value === "examples" && query.value.layout === "rows" ? "rows" : "columns",
);

/** Columns in one unit are drawn in one scale unless the person says otherwise. */
export const scaleKind: ReadonlySignal<ScaleKind> = computed(() => {
  const asked = query.value.scale;
  return asked === "own" || asked === "shared" ? asked : usualScale(kind.value);
});

/** Scores of several methods, models or layers are in units of their own. */
function usualScale(kind: Kind): ScaleKind {
  return kind === "targets" || kind === "baselines" ? "shared" : "own";
}

/** The columns' names in the address, or those to begin with. */
export const columnIds: ReadonlySignal<readonly string[]> = computed(() => {
  const text = query.value[kind.value];
  if (text !== undefined) return text === NONE ? [] : split(text);
  return firstColumns(kind.value, layout.value === "rows");
});

const NONE = "none";

function split(text: string): string[] {
  return [...new Set(text.split(" ").filter(Boolean))].slice(0, MOST);
}

export const columns: ReadonlySignal<readonly Column[]> = computed(() => {
  const now = settings.value;
  if (!now || !detail.value) return [];
  return columnIds.value.map((id) => columnOf(id, kind.value, now));
});

export const cells: ReadonlySignal<readonly Cell[]> = computed(() => columns.value.map(cellOf));

function cellOf(column: Column): Cell {
  const { example, request } = column;
  const run = request ? runOf(request).value : null;
  const arrays = run?.result?.arrays ?? run?.snapshot;
  const about = example === detail.value?.index ? detail.value : detailOf(example);
  if (!run || !arrays || example === null || !about)
    return { ...column, detail: about, run, shown: null, unsigned: false };
  const shown = { example, arrays, request: run.request, result: run.result, stale: false };
  return { ...column, detail: about, run, shown, unsigned: isUnsigned(shown) };
}

function detailOf(example: number | null): ExampleDetail | null {
  return example === null ? null : (detailAt(example)?.value ?? null);
}

// What the person does

export function chooseKind(next: Kind): void {
  navigate({ columns: next === "methods" ? null : next, scale: null });
}

export function chooseScale(next: ScaleKind): void {
  navigate({ scale: next === usualScale(kind.peek()) ? null : next }, "replace");
}

export function chooseLayout(next: Layout): void {
  navigate({ layout: next === "rows" ? "rows" : null });
}

/** The method whose targets or baselines are compared. */
export function chooseComparedMethod(id: string): void {
  const [info, now] = [board.peek(), settings.peek()];
  if (!info || !now) return;
  navigate(settingsPatch(query.peek(), info, { ...now, method: id, params: {}, layer: "" }));
}

export function addColumn(id: string): void {
  setColumns([...columnIds.peek(), id]);
}

export function removeColumn(id: string): void {
  setColumns(columnIds.peek().filter((known) => known !== id));
}

/** Back to the columns to begin with. */
export function resetColumns(): void {
  navigate({ [kind.peek()]: null });
}

function setColumns(ids: readonly string[]): void {
  navigate({ [kind.peek()]: ids.length ? split(ids.join(" ")).join(" ") : NONE });
}

// Running

/** Computes what the columns ask for while the view is open. Returns what ends that. */
export function followColumns(): () => void {
  let before = new Map<string, AttributionRequest>();
  const stop = effect(() => {
    const others = columns.value.flatMap(({ example }) =>
      example === null || example === detail.value?.index ? [] : [example],
    );
    untracked(() => wantDetails(others));
    const asked = columns.value.flatMap(({ request }) => request ?? []);
    const runs = asked.map((request) => runOf(request).value);
    untracked(() => {
      const now = new Map(asked.map((request) => [requestKey(request), request]));
      for (const [key, request] of before) if (!now.has(key)) leaveRun(request);
      let live = runs.filter(isLive).length;
      asked.forEach((request, i) => {
        const fresh = runs[i]?.state === "new" && live < AT_ONCE;
        const back = !before.has(requestKey(request)) && runs[i] && isLive(runs[i]);
        if (fresh) live += 1;
        if (fresh || back) startRun(request, false, isCheap(request));
      });
      before = now;
    });
  });
  return () => {
    stop();
    for (const request of before.values()) leaveRun(request);
  };
}

/** Runs a column that failed, was cancelled, or waits for the person. */
export function runColumn({ request }: Column): void {
  if (request) startRun(request, true, true);
}
