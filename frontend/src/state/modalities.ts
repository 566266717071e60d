/** The view Modalities: which measure of which input, over which examples, and the figures of it. */
import { computed, effect, type ReadonlySignal } from "@preact/signals";
import { get } from "../api/client";
import type { Aggregate, BoardInfo, ExamplesPage, Sweep, SweepRequest } from "../api/types";
import { barWhere, bothWhere, hardlyWhere, quoted } from "../lib/contributions";
import { board, layers, modelName } from "./board";
import { display, draw, type Measure } from "./display";
import { filter } from "./examples";
import { listRequest } from "./filter";
import { Resource } from "./resource";
import { defaultMethod, exampleOf, readSettings, reasonAgainst } from "./settings";
import { followSweep, sweepNews, sweepState } from "./sweep";
import { navigate, type Patch, query } from "./url";

export const MOST_PLAYERS = 4;
const DOTS = 60;
const LONERS = 6;
/** In a JSON body these are lists, however many there are. */
const LISTS = ["label", "predicted"];

/** Why this board has no contributions to compare, or null. */
export function reasonAgainstView(info: BoardInfo): string | null {
  if (info.inputs.length > 1) return null;
  return `This model takes one input, ${info.inputs[0]?.name ?? "which has no name"}, and everything it answers comes from there. How its parts count is in Explain.`;
}

/** Whether each input's exact Shapley value can be computed. */
export function hasShapley({ inputs }: BoardInfo): boolean {
  return inputs.length > 1 && inputs.length <= MOST_PLAYERS;
}

export const measure: ReadonlySignal<Measure> = computed(() => {
  const chosen = display.value.measure;
  const info = board.value;
  return chosen === "shapley" && info && !hasShapley(info) ? "magnitude" : chosen;
});

/** The input whose contribution is shown group by group. */
export const input: ReadonlySignal<string> = computed(() => {
  const inputs = board.value?.inputs ?? [];
  return (inputs.find(({ name }) => name === query.value.input) ?? inputs[0])?.name ?? "";
});

/** The column whose values are the groups. */
export const groupBy: ReadonlySignal<string | null> = computed(() => {
  const options = board.value ? groupOptions(board.value) : [];
  return (options.find(({ id }) => id === query.value.by) ?? options[0])?.id ?? null;
});

/** Methods that give each input numbers that can be summed up. */
export function summable(info: BoardInfo) {
  return info.methods.filter(
    (method) =>
      reasonAgainst(method, layers.value) === null &&
      !method.needs_layer &&
      method.least_examples <= 1,
  );
}

/** Whose attributions net and magnitude sum up. */
export const sweptMethod: ReadonlySignal<string> = computed(() => {
  const info = board.value;
  if (!info) return "";
  const able = summable(info);
  const asked = able.find(({ id }) => id === query.value.by_method);
  return (asked ?? able.find(({ id }) => id === defaultMethod(info)?.id) ?? able[0])?.id ?? "";
});

/** What decides answers is asked of the dataset's examples alone. */
const ofDataset = computed(() => ({ ...filter.value, own: false }));

const questionKey = computed(() => {
  const info = board.value;
  if (!info || info.inputs.length < 2) return null;
  const wanted: SweepRequest = {
    filter: bodyOf(listRequest(ofDataset.value, modelName.value)),
    method: measure.value === "shapley" ? null : { id: sweptMethod.value, params: {} },
    models: null,
    baseline: baselineOf(info),
    seed: 0,
  };
  return JSON.stringify(wanted);
});

/** What the address asks the server to compute; the same object as long as it asks the same. */
const question: ReadonlySignal<SweepRequest | null> = computed(() =>
  questionKey.value === null ? null : (JSON.parse(questionKey.value) as SweepRequest),
);

/** The columns of the measure on screen, by input; null until they are known. */
export const columns: ReadonlySignal<Record<string, string> | null> = computed(() => {
  const state = sweepState.value.value;
  return state ? columnsOf(state, measure.value) : null;
});

/** The chosen input's column. */
export const column: ReadonlySignal<string | null> = computed(
  () => columns.value?.[input.value] ?? null,
);

/** The ends of the measure's scale. */
export const ends: ReadonlySignal<readonly [number, number]> = computed(() =>
  measure.value === "net" ? [-1, 1] : [0, 1],
);

/** How many examples have been computed under the filter, for the model that lacks most. */
export const computedCount: ReadonlySignal<number> = computed(() => {
  const state = sweepState.value.value;
  return state ? state.examples - state.lacking : 0;
});

const groups = new Resource<Aggregate>();
const outcomes = new Resource<Aggregate>();
const dropped = new Resource<Aggregate>();
const together = new Resource<Aggregate>();
const perModel = new Resource<[string, Aggregate][]>();
const loners = new Resource<ExamplesPage>();

/** The measure over all examples and by group, with some examples one by one. */
export const grouped = groups.state;
/** The same, right against wrong. */
export const byOutcome = outcomes.state;
/** Accuracy, and what becomes of it without each input. */
export const withoutInputs = dropped.state;
/** The interactions of pairs of inputs. */
export const interactions = together.state;
/** The measure under each model of the board. */
export const models = perModel.state;
/** Examples in which the chosen input has next to no say. */
export const hardlyUsing = loners.state;

/** Follows the address while the view is open. Returns what ends that. */
export function followModalities(): () => void {
  const stops = [
    followSweep(question),
    follow(groups, () =>
      figures(Object.values(columns.value ?? {}), {
        ...(groupBy.value !== null && { by: groupBy.value }),
        points: DOTS,
      }),
    ),
    follow(outcomes, () =>
      board.value?.labelled && board.value.output.kind !== "regression"
        ? figures(Object.values(columns.value ?? {}), { by: "correct" })
        : null,
    ),
    follow(dropped, () => figures(droppedColumns(), { complete: true }, false)),
    follow(together, () => figures(interactionColumns(), {}, false)),
    followModels(),
    followLoners(),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

const shown = [groups, outcomes, dropped, together, perModel, loners];

/** The figures on screen may be of fewer examples than have been computed: newer ones are on their way. */
export const reading: ReadonlySignal<boolean> = computed(
  () => sweepState.value.loading || shown.some(({ state }) => state.value.loading),
);

export function retryFigures(): void {
  for (const each of shown) if (each.state.peek().error) each.retry();
}

export function chooseMeasure(next: Measure): void {
  draw("measure", next);
}

export function chooseInput(name: string): void {
  const first = board.peek()?.inputs[0]?.name;
  navigate({ input: name === first ? null : name }, "replace");
}

export function nextInput(): void {
  const names = board.peek()?.inputs.map(({ name }) => name) ?? [];
  const at = names.indexOf(input.peek());
  const next = names[(at + 1) % names.length];
  if (next) chooseInput(next);
}

export function chooseGroup(by: string): void {
  navigate({ by: by === "label" ? null : by }, "replace");
}

export function chooseSwept(id: string): void {
  navigate({ by_method: id === defaultMethod(board.peek() as BoardInfo)?.id ? null : id });
}

/** What shows the examples of one bar in the gallery, the nearest to its start first. */
export function openBar(name: string, from: number, to: number, last: boolean): Patch {
  return inGallery(barWhere(name, from, to, last), name);
}

/** What shows the examples that an input hardly matters to. */
export function openHardly(name: string): Patch {
  return inGallery(hardlyWhere(name), name);
}

/** What shows the examples whose column has one value. */
export function openValue(name: string, value: number): Patch {
  return inGallery(`${quoted(name)} = ${value}`, null);
}

/** What shows the examples of a group, by the contribution of the chosen input. */
export function openGroup(by: string, value: unknown): Patch {
  const sort = column.peek();
  const base: Patch = { view: null, sort };
  if (value === null)
    return { ...base, where: bothWhere(filter.peek().where, `${quoted(by)} is null`) };
  if (by === "label" || by === "predicted" || by === "correct")
    return { ...base, [by]: String(value) };
  const literal = typeof value === "string" ? JSON.stringify(value) : String(value);
  return { ...base, where: bothWhere(filter.peek().where, `${quoted(by)} = ${literal}`) };
}

function inGallery(where: string, sort: string | null): Patch {
  return { view: null, where: bothWhere(filter.peek().where, where), sort };
}

export function columnsOf({ columns: all }: Sweep, chosen: Measure): Record<string, string> {
  return chosen === "shapley" ? all.share : all[chosen];
}

function droppedColumns(): string[] {
  const all = sweepState.value.value?.columns;
  if (!all) return [];
  const kinds = [all.flips, all.right_without].flatMap((each) => Object.values(each));
  return kinds.length && board.value?.labelled ? ["correct", ...kinds] : Object.values(all.flips);
}

function interactionColumns(): string[] {
  return (sweepState.value.value?.interactions ?? []).map(({ column: name }) => name);
}

interface Wanted {
  by?: string;
  points?: number;
  complete?: boolean;
}

/** The question for figures of columns under the filter; null while there are none. */
function figures(names: readonly string[], wanted: Wanted, scaled = true): URLSearchParams | null {
  if (!names.length || computedCount.value === 0) return null;
  const request = listRequest(ofDataset.value, modelName.value);
  request.delete("sort");
  for (const name of names) request.append("column", name);
  for (const [name, value] of Object.entries(wanted)) request.append(name, String(value));
  if (scaled) {
    request.append("low", String(ends.value[0]));
    request.append("high", String(ends.value[1]));
  }
  return request;
}

/** Loads figures anew when what is asked changes, and when there may be new numbers. */
function follow(into: Resource<Aggregate>, asked: () => URLSearchParams | null): () => void {
  const text = computed(() => asked()?.toString() ?? null);
  return effect(() => {
    const now = text.value;
    sweepNews.value;
    if (now === null) into.set(null);
    else void into.load((signal) => fetchFigures(new URLSearchParams(now), signal));
  });
}

function followModels(): () => void {
  const text = computed(() => {
    const names = board.value?.models.map(({ name }) => name) ?? [];
    if (names.length < 2) return null;
    const asked = figures(Object.values(columns.value ?? {}), {});
    return asked && JSON.stringify([names, asked.toString()]);
  });
  return effect(() => {
    const now = text.value;
    sweepNews.value;
    if (!now) return perModel.set(null);
    const [names, asked] = JSON.parse(now) as [string[], string];
    void perModel.load((signal) =>
      Promise.all(
        names.map(async (name): Promise<[string, Aggregate]> => {
          const request = new URLSearchParams(asked);
          request.append("of", name);
          return [name, await fetchFigures(request, signal)];
        }),
      ),
    );
  });
}

function followLoners(): () => void {
  const text = computed(() => {
    const name = column.value;
    if (name === null || computedCount.value === 0) return null;
    const where = bothWhere(filter.value.where, hardlyWhere(name));
    const request = listRequest({ ...ofDataset.value, where, sort: name }, modelName.value);
    request.append("limit", String(LONERS));
    return request.toString();
  });
  return effect(() => {
    const now = text.value;
    sweepNews.value;
    if (now === null) loners.set(null);
    else
      void loners.load((signal) =>
        get<ExamplesPage>("api/examples", { query: new URLSearchParams(now), signal }),
      );
  });
}

function fetchFigures(request: URLSearchParams, signal: AbortSignal): Promise<Aggregate> {
  return get<Aggregate>("api/aggregates", { query: request, signal });
}

export function baselineOf(info: BoardInfo): SweepRequest["baseline"] {
  const { baseline } = readSettings(query.value, info);
  const known = Object.entries(baseline).filter(([name]) =>
    info.inputs.some((entry) => entry.name === name && entry.default_baseline !== baseline[name]),
  );
  if (!known.length) return null;
  return Object.fromEntries(
    known.map(([name, text]) => {
      const example = exampleOf(text);
      return [name, example === null ? text : { example }];
    }),
  );
}

export function bodyOf(request: URLSearchParams): SweepRequest["filter"] {
  const body: Record<string, string | string[]> = {};
  for (const name of new Set(request.keys())) {
    if (name === "sort") continue;
    body[name] = LISTS.includes(name) ? request.getAll(name) : (request.get(name) ?? "");
  }
  return body;
}

/** Columns that can be grouped by: answers, and the user's own of few values. */
export function groupOptions(info: BoardInfo) {
  const kinds: Record<string, string> = { label: "Label", predicted: "Prediction" };
  const plain = info.output.kind === "regression" ? [] : Object.entries(kinds);
  const outcome: [string, string][] =
    info.labelled && info.output.kind !== "regression" ? [["correct", "Right or wrong"]] : [];
  const own = info.catalog.columns
    .filter(({ role, type }) => role === "metadata" && type !== "float")
    .map(({ name }): [string, string] => [name, name]);
  const known = info.labelled ? plain : plain.filter(([id]) => id !== "label");
  return [...known, ...outcome, ...own].map(([id, title]) => ({ id, title }));
}
