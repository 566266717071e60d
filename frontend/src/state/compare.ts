// The Compare view's state: its columns, what each of them asks for, and what has come of it. All of it follows the address.

import { computed, effect, type ReadonlySignal, untracked } from "@preact/signals";
import type { AttributionRequest, MethodInfo } from "../api/types";
import { shortContrast, shortName } from "../lib/agreement";
import { board, layers, methodOf, modelName } from "./board";
import { exampleIndex } from "./examples";
import {
  classesOf,
  detail,
  isCheap,
  isUnsigned,
  predicted,
  type Shown,
  scores,
  settings,
  target,
} from "./explain";
import { isLive, leaveRun, type Run, requestKey, runOf, startRun } from "./runs";
import {
  exampleOf,
  parseTarget,
  reasonAgainst,
  requestParts,
  type Settings,
  settingsPatch,
} from "./settings";
import { navigate, type Patch, query } from "./url";

export type Kind = "methods" | "targets" | "baselines";
export type ScaleKind = "own" | "shared";

const KINDS: readonly Kind[] = ["methods", "targets", "baselines"];
/** One of each of these is shown first, where the board has it. */
const FIRST_METHODS = [
  ["IntegratedGradients"],
  ["Saliency", "InputXGradient"],
  ["Occlusion"],
  ["KernelShap", "FeatureAblation"],
];
const FIRST_BASELINES = 4;
const MOST = 12;
/** Each running job holds a connection open, and a browser has six of them for a server. */
const AT_ONCE = 3;

export interface Column {
  /** As the address has it: a method's id, a target, or "input:baseline". */
  readonly id: string;
  readonly title: string;
  /** Of a few letters, where there is little room. */
  readonly short: string;
  /** Said below the title. */
  readonly note: string;
  readonly request: AttributionRequest | null;
  /** Why there is nothing to ask for. */
  readonly problem: string | null;
  /** What opens the same in Explain. */
  readonly link: Patch;
}

export interface Cell extends Column {
  readonly run: Run | null;
  /** What there is to draw; null before there is anything. */
  readonly shown: Shown | null;
  readonly unsigned: boolean;
}

export const kind: ReadonlySignal<Kind> = computed(() => {
  const asked = KINDS.find((known) => known === query.value.columns) ?? "methods";
  return asked === "targets" && board.value?.output.kind === "regression" ? "methods" : asked;
});

/** Columns in one unit are drawn in one scale unless the person says otherwise. */
export const scaleKind: ReadonlySignal<ScaleKind> = computed(() => {
  const asked = query.value.scale;
  if (asked === "own" || asked === "shared") return asked;
  return kind.value === "methods" ? "own" : "shared";
});

/** The columns' names in the address, or those to begin with. */
export const columnIds: ReadonlySignal<readonly string[]> = computed(() => {
  const text = query.value[kind.value];
  if (text !== undefined) return text === NONE ? [] : split(text);
  return kind.value === "methods"
    ? firstMethods()
    : kind.value === "targets"
      ? firstTargets()
      : firstBaselines();
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
  const run = column.request ? runOf(column.request).value : null;
  const arrays = run?.result?.arrays ?? run?.snapshot;
  const example = exampleIndex.value;
  if (!run || !arrays || example === null) return { ...column, run, shown: null, unsigned: false };
  const shown = { example, arrays, request: run.request, result: run.result, stale: false };
  return { ...column, run, shown, unsigned: isUnsigned(shown) };
}

// The columns to begin with

function able(method: MethodInfo): boolean {
  return reasonAgainst(method, layers.value) === null;
}

function firstMethods(): string[] {
  const methods = (board.value?.methods ?? []).filter(able);
  const known = (id: string) => methods.some((method) => method.id === id);
  const first = FIRST_METHODS.flatMap((group) => group.find(known) ?? []);
  const more = methods.filter(({ needs_layer }) => !needs_layer).map(({ id }) => id);
  const own = settings.value && query.value.method ? [settings.value.method] : [];
  const chosen = [...new Set([...own, ...first])];
  if (chosen.length >= FIRST_METHODS.length) return chosen;
  return [...new Set([...chosen, ...more])].slice(0, FIRST_METHODS.length);
}

function firstTargets(): string[] {
  const [first, second] = scores.value;
  if (!first) return [];
  const labels = classesOf(detail.value?.label ?? null).map(String);
  const contrast = second ? [`${first.index}~${second.index}`] : [];
  const own = query.value.target === undefined ? [] : [query.value.target];
  const likeliest = [first, ...(second ? [second] : [])].map(({ index }) => String(index));
  return [...new Set([...likeliest, ...labels, ...contrast, ...own])];
}

function firstBaselines(): string[] {
  const input = board.value?.inputs.find(({ baselines }) => baselines.length > 1);
  if (!input) return [];
  const ids = input.baselines.map(({ id }) => id);
  const own = settings.value?.baseline[input.name] ?? input.default_baseline;
  return [...new Set([own, ...ids])]
    .slice(0, FIRST_BASELINES)
    .map((id) => baselineId(input.name, id));
}

export function baselineId(input: string, baseline: string): string {
  return `${encodeURIComponent(input)}:${baseline}`;
}

// What a column asks for

function columnOf(id: string, kind: Kind, now: Settings): Column {
  if (kind === "methods") return methodColumn(id, now);
  return kind === "targets" ? targetColumn(id, now) : baselineColumn(id, now);
}

/** The parameters and the layer in the address belong to the method in the address. */
function methodColumn(id: string, now: Settings): Column {
  const own = id === now.method ? now : { ...now, method: id, params: {}, layer: "" };
  const title = methodTitle(id);
  return asColumn({ id, title, short: shortName(title), note: "" }, own, target.value, {});
}

function methodTitle(id: string): string {
  const info = board.value;
  return (info && methodOf(info, id)?.title) ?? id;
}

function targetColumn(id: string, now: Settings): Column {
  const spec = parseTarget(id);
  const names = namesOf(id);
  const title = names.join(" rather than ");
  const name = { id, title, short: shortContrast(names), note: "" };
  if (spec === null) {
    const problem = `“${id}” is no target. Remove this column and add another.`;
    return { ...name, title: id, request: null, problem, link: {} };
  }
  const own = spec === predicted.value ? null : spec;
  return asColumn(name, now, own, { target: own === null ? null : id });
}

/** The names of the class, or of the two that are contrasted. */
function namesOf(id: string): string[] {
  const names = board.value?.output.names ?? [];
  return id.split("~").map((index) => names[Number(index)] ?? `class ${index}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // someone wrote the address by hand
  }
}

function baselineColumn(id: string, now: Settings): Column {
  const cut = id.indexOf(":");
  const name = decoded(id.slice(0, cut));
  const choice = id.slice(cut + 1);
  const input = board.value?.inputs.find((known) => known.name === name);
  if (!input) {
    const problem = `This board has no input “${name}”. Remove this column and add another.`;
    return { id, title: id, short: id, note: "", request: null, problem, link: {} };
  }
  const example = exampleOf(choice);
  const known = input.baselines.find((baseline) => baseline.id === choice)?.title ?? choice;
  const title = example === null ? known : `Example ${example}`;
  const next = { ...now, baseline: { ...now.baseline, [name]: choice } };
  return asColumn({ id, title, short: shortName(title), note: name }, next, target.value, {});
}

function asColumn(
  name: Pick<Column, "id" | "title" | "short" | "note">,
  now: Settings,
  of: AttributionRequest["target"],
  more: Patch,
): Column {
  const info = board.value;
  const index = exampleIndex.value;
  const link = { ...(info ? settingsPatch(query.value, info, now) : {}), ...more };
  const problem = problemOf(now);
  if (!info || index === null || problem !== null) return { ...name, request: null, problem, link };
  const { parts } = requestParts(info, now, layers.value);
  const request = { examples: [index], model: modelName.value, target: of ?? null, ...parts };
  const note = parts.layer ? `at ${parts.layer}` : name.note;
  return { ...name, note, request, problem: null, link };
}

function problemOf(now: Settings): string | null {
  const info = board.value;
  const method = info && methodOf(info, now.method);
  if (!method) return `This board has no method called ${now.method}.`;
  const reason = reasonAgainst(method, layers.value);
  if (reason !== null) return `${method.title} cannot run here: ${reason}`;
  const problems = Object.entries(requestParts(info, now, layers.value).problems);
  return problems.length ? problems.map(([name, text]) => `${name}: ${text}`).join(" ") : null;
}

// What the person does

export function chooseKind(next: Kind): void {
  navigate({ columns: next === "methods" ? null : next, scale: null });
}

export function chooseScale(next: ScaleKind): void {
  const usual = kind.peek() === "methods" ? "own" : "shared";
  navigate({ scale: next === usual ? null : next }, "replace");
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
