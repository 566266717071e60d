// The Explain view's state: the example, what is asked about it, and the result on screen. All of it follows the address.

import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { get } from "../api/client";
import type {
  AttributionRequest,
  ExampleDetail,
  Label,
  MethodInfo,
  Score,
  TargetSpec,
} from "../api/types";
import { flatIndex, type PlacesInfo, placeOf, startOf } from "../lib/places";
import type { NumericArray } from "../lib/safetensors";
import { board, layers, methodOf, modelName } from "./board";
import { exampleIndex, examples, stepExample } from "./examples";
import { placeScores, wantPlaceScores } from "./places";
import { Resource } from "./resource";
import type { Arrays, Result } from "./results";
import { leaveRun, PASSES_UNASKED, type Run, requestKey, runOf, startRun } from "./runs";
import { parseTarget, readSettings, reasonAgainst, requestParts, type Settings } from "./settings";
import { navigate, query } from "./url";

const example = new Resource<ExampleDetail>();
const details = new Map<number, ExampleDetail>();
const DETAILS_KEPT = 200;

/** The example in the address, or null while it is on its way. */
export const detail: ReadonlySignal<ExampleDetail | null> = computed(() => {
  const { value } = example.state.value;
  return value !== null && value.index === exampleIndex.value ? value : null;
});
export const exampleState = example.state;

export function retryExample(): void {
  example.retry();
}

/** The places of the output, as many as the example on screen has; null where there is only one. */
export const placesNow: ReadonlySignal<PlacesInfo | null> = computed(() => {
  const places = board.value?.output.places ?? null;
  const parts = predictionOf()?.places?.parts;
  return places && parts ? { ...places, parts } : places;
});

/** The scores of the model on screen, high to low: at the place on screen, where there are several. */
export const scores: ReadonlySignal<readonly Score[]> = computed(() => {
  const found = predictionOf();
  if (!found?.places || place.value === found.places.place) return found?.scores ?? [];
  return scoresThere.value ?? [];
});

/** The target the model chooses itself; null where it chooses several, or predicts a number. */
export const predicted: ReadonlySignal<number | null> = computed(() => {
  const found = predictionOf();
  if (found?.places) return found.scores[0]?.index ?? null;
  return typeof found?.predicted === "number" ? found.predicted : null;
});

/** All classes the model chooses, one or several. */
export const predictedAll: ReadonlySignal<readonly number[]> = computed(() =>
  classesOf(predictionOf()?.predicted ?? null),
);

/** The classes a label names, one or several. */
export function classesOf(label: Label): number[] {
  return [label ?? []].flat().filter((index) => typeof index === "number");
}

/** The label as targets: of the place on screen, where there are several. */
export const labelTargets: ReadonlySignal<readonly number[]> = computed(() => {
  const places = placesNow.value;
  if (!places) return classesOf(detail.value?.label ?? null);
  const label = place.value === null ? undefined : detail.value?.label_places?.[place.value];
  return label === undefined || label < 0 ? [] : [startOf(places, place.value ?? 0) + label];
});

/** The class explained where nobody chose one. */
export const ownTarget: ReadonlySignal<number | null> = computed(
  () => predicted.value ?? predictionOf()?.scores[0]?.index ?? null,
);

export function predictionOf() {
  const all = detail.value?.predictions ?? [];
  return all.find((prediction) => prediction.model === modelName.value) ?? all[0];
}

export const settings: ReadonlySignal<Settings | null> = computed(() =>
  board.value ? readSettings(query.value, board.value) : null,
);

/** The method in the address; null where this board has none of that name. */
export const method: ReadonlySignal<MethodInfo | null> = computed(() => {
  const asked = settings.value?.method;
  return board.value && asked ? methodOf(board.value, asked) : null;
});

/** The target in the address; null for the model's own prediction, however the address says it. */
export const target = computed(() => {
  const asked = flat(parseTarget(query.value.target));
  return asked === predicted.value ? null : asked;
});

/** "3,1" of an output with places as the one index that stands for it. */
function flat(asked: TargetSpec): TargetSpec {
  const places = placesNow.value;
  if (!places || asked === null || typeof asked === "number" || !("index" in asked)) return asked;
  return flatIndex(places, asked.index);
}

/** The place on screen: that of the target; null where the output has only one. */
export const place: ReadonlySignal<number | null> = computed(() => {
  const places = placesNow.value;
  const found = predictionOf()?.places;
  if (!places || !found) return null;
  const asked = target.value;
  if (asked === null) return found.place;
  if (typeof asked === "number") return placeOf(places, asked);
  return "contrast" in asked ? placeOf(places, asked.contrast[0]) : found.place;
});

/** The scores at the place on screen, where they did not come with the example. */
const scoresThere = computed(() =>
  detail.value && modelName.value !== null && place.value !== null
    ? placeScores(detail.value.index, modelName.value, place.value)
    : null,
);

const asked: ReadonlySignal<AttributionRequest | null> = computed(() => {
  const info = board.value;
  const index = exampleIndex.value;
  const known = info !== null && index !== null && (index < info.size || detail.value !== null);
  const ready = query.value.target === undefined || detail.value !== null;
  if (!info || !settings.value || index === null || !known || !ready) return null;
  if (!method.value || reasonAgainst(method.value, layers.value) !== null) return null;
  const { parts, problems } = requestParts(info, settings.value, layers.value);
  if (Object.keys(problems).length) return null;
  return { examples: [index], model: modelName.value, target: target.value, ...parts };
});

const askedKey = computed(() => (asked.value ? requestKey(asked.value) : null));

/** What the address asks for; the same object as long as it asks for the same. */
export const request: ReadonlySignal<AttributionRequest | null> = computed(() =>
  askedKey.value === null ? null : (JSON.parse(askedKey.value) as AttributionRequest),
);

export const run: ReadonlySignal<Run | null> = computed(() =>
  request.value ? runOf(request.value).value : null,
);

export interface Shown {
  readonly example: number;
  readonly arrays: Arrays;
  /** What was asked for. */
  readonly request: AttributionRequest;
  /** Null while the computation is under way. */
  readonly result: Result | null;
  /** Made by other settings than those in the address: kept on screen while the new ones compute. */
  readonly stale: boolean;
}

const last = signal<Shown | null>(null);

/** The attributions on screen. */
export const shown: ReadonlySignal<Shown | null> = computed(() => {
  const current = run.value;
  const index = exampleIndex.value;
  const arrays = current?.result?.arrays ?? current?.snapshot;
  if (current && arrays && index !== null) {
    return {
      example: index,
      arrays,
      request: current.request,
      result: current.result,
      stale: false,
    };
  }
  const before = last.value;
  if (before?.example !== index || current?.state === "failed") return null;
  return { ...before, stale: true };
});

/** Follows the address while the view is open. Returns what ends that. */
export function followExplain(): () => void {
  const ends = [effect(loadExample), effect(loadPlace), followRequest(), effect(keepShown)];
  return () => {
    for (const end of ends) end();
  };
}

/** Follows the example in the address alone. Returns what ends that. */
export function followExample(): () => void {
  const ends = [effect(loadExample), effect(loadPlace)];
  return () => {
    for (const end of ends) end();
  };
}

/** Fetches the scores of the place on screen. */
function loadPlace(): void {
  const found = predictionOf()?.places;
  const [example, model, at] = [detail.value?.index, modelName.value, place.value];
  if (!found || example === undefined || model === null || at === null) return;
  if (at !== found.place) wantPlaceScores(example, model, at);
}

function loadExample(): void {
  const index = exampleIndex.value;
  if (index === null) return;
  const known = details.get(index);
  if (known) example.set(known);
  else void example.load((signal) => fetchExample(index, signal));
}

async function fetchExample(index: number, signal: AbortSignal): Promise<ExampleDetail> {
  const found = await get<ExampleDetail>(`api/examples/${index}`, { signal });
  keepDetail(found);
  return found;
}

/** Remembers an example that was read already. */
export function keepDetail(found: ExampleDetail): void {
  details.set(found.index, found);
  const oldest = details.keys().next();
  if (details.size > DETAILS_KEPT && !oldest.done) details.delete(oldest.value);
}

function followRequest(): () => void {
  let before: AttributionRequest | null = null;
  const stop = effect(() => {
    const next = request.value;
    batch(() => {
      if (before && before !== next) leaveRun(before);
      before = next;
      if (next) startRun(next, false, isCheap(next));
    });
  });
  return () => {
    stop();
    if (before) leaveRun(before);
  };
}

/** Whether a request takes so few passes that nothing needs to be asked first. */
export function isCheap({ method: { id, params }, features, layer }: AttributionRequest): boolean {
  const cost =
    board.peek()?.methods.find((known) => known.id === id)?.cost ?? Number.POSITIVE_INFINITY;
  const plain = features == null && Object.keys(params).length === 0;
  return cost <= PASSES_UNASKED && plain && (!layer || needsLayer(id));
}

function needsLayer(id: string): boolean {
  return board.peek()?.methods.find((known) => known.id === id)?.needs_layer ?? false;
}

function keepShown(): void {
  const now = shown.value;
  if (now && !now.stale) last.value = now;
}

/** Runs what the address asks for, also after a failure or a cancel. */
export function runAgain(): void {
  if (request.peek()) startRun(request.peek() as AttributionRequest, true, true);
}

export function chooseTarget(text: string | null): void {
  navigate({ target: text });
}

/** Explains what the model predicts at a place. */
export function choosePlace(at: number): void {
  const places = placesNow.peek();
  const classes = predictionOf()?.places?.classes;
  if (!places || !classes) return;
  const index = startOf(places, at) + (classes[at] ?? 0);
  chooseTarget(index === ownTarget.peek() ? null : String(index));
}

/** Shows another example, explained for its own prediction again. */
export function showExample(index: number): void {
  navigate({ example: index, target: null });
}

/** The next (or an earlier) example of the current list. */
export function step(by: number): void {
  batch(() => {
    const before = exampleIndex.peek();
    stepExample(by);
    if (exampleIndex.peek() !== before) navigate({ target: null }, "replace");
  });
}

/** The list's first example, where the address names none. */
export function showFirst(): void {
  const first = examples.peek().items[0];
  if (first) navigate({ example: first.index }, "replace");
}

export interface AtLayer {
  readonly layer: string;
  readonly array: NumericArray;
  /** The input whose places the layer's are drawn over; null where it has none, or none that fit. */
  readonly over: string | null;
}

/** The attributions on screen, where they live at a layer. */
export function atLayer(detail: ExampleDetail, shown: Shown | null): AtLayer | null {
  const layer = shown?.request.layer;
  const array = shown?.arrays.layer;
  return layer && array ? { layer, array, over: inputUnder(detail, array.shape) } : null;
}

/** (channels, height, width) fits the picture, (channels, times, height, width) the clip, (tokens, channels) the text of as many tokens. */
function inputUnder({ inputs }: ExampleDetail, shape: readonly number[]): string | null {
  const places = shape.slice(1).reduce((product, size) => product * size, 1);
  const fits = inputs.filter(({ view }) => {
    if (view.kind === "text") return shape.length === 2 && shape[0] === view.tokens.length;
    return places > 1 && shape.length === { image: 3, video: 4 }[view.kind as string];
  });
  return fits.length === 1 ? (fits[0]?.name ?? null) : null;
}

/** Perturbation gives each element the value of its whole feature or window, repeated over all of it. */
export function sharesValues(input: string, shown: Shown | null): boolean {
  const info = board.peek();
  if (!shown || !info) return false;
  const { method: asked, features, layer } = shown.request;
  if (layer) return false;
  const kind = shown.result?.meta.features?.[input] ?? features?.[input];
  const alone = info.inputs.find((known) => known.name === input)?.features[0]?.id;
  return methodOf(info, asked.id)?.family === "perturbation" && kind !== alone;
}

/** Families whose attributions have signs, even where none is below zero. */
const SIGNED = ["perturbation", "layer"];

/** The method gives sizes alone, without a sign. */
export function isUnsigned(shown: Shown | null): boolean {
  const info = board.peek();
  const used = shown && info ? methodOf(info, shown.request.method.id) : null;
  if (!shown || !used || used.complete || SIGNED.includes(used.family)) return false;
  return Object.values(shown.arrays).every(({ data }) => data.every((value: number) => value >= 0));
}
