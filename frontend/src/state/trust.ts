// The Trust view's state: which methods are measured, over which examples. All of it follows the address.

import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { get } from "../api/client";
import type { ExamplesPage, MethodInfo } from "../api/types";
import { board, layers, methodOf, modelName } from "./board";
import { filter } from "./examples";
import { settings } from "./explain";
import { facetsRequest } from "./filter";
import { Resource } from "./resource";
import { reasonAgainst, requestParts } from "./settings";
import { openSurvey, type Survey, type SurveyRequest, settled, surveyOf } from "./survey";
import { navigate, query } from "./url";

/** Measured where nobody chose: one of each kind that the board has. */
const FIRST = [
  "IntegratedGradients",
  "Saliency",
  "InputXGradient",
  "DeepLift",
  "GuidedBackprop",
  "Occlusion",
  "KernelShap",
];
/** Methods that take more passes an example are not measured unless someone asks for them. */
const PASSES = 2500;
const FEW = 4;
export const DEFAULT_SIZE = 24;
export const MOST_EXAMPLES = 200;
export const MOST_METHODS = 24;
/** The randomisation check takes a method's passes once a layer, so that fewer examples are checked. */
const CHECKED = 8;

/** How many examples are drawn, by what seed: the subsample of the Examples view where there is one. */
export const sampleSize: ReadonlySignal<number> = computed(() =>
  Math.min(MOST_EXAMPLES, filter.value.sample ?? DEFAULT_SIZE),
);

export function chooseSample(size: number, draw: number): void {
  navigate({ sample: size, draw: draw === 0 ? null : draw });
}

/** Methods that can be measured: those that explain the inputs of one example. */
export function reasonAgainstMeasuring(method: MethodInfo): string | null {
  if (method.needs_layer) return "it explains a layer, and what is measured changes the inputs.";
  return reasonAgainst(method, layers.value);
}

export const trustMethods: ReadonlySignal<readonly string[]> = computed(() => {
  const text = query.value.trust;
  if (text !== undefined) return [...new Set(text.split(" "))].slice(0, MOST_METHODS);
  const able = (board.value?.methods ?? []).filter(
    (method) => reasonAgainstMeasuring(method) === null && (method.cost ?? 0) <= PASSES,
  );
  const first = FIRST.filter((id) => able.some((method) => method.id === id));
  const more = able.map(({ id }) => id).filter((id) => !first.includes(id));
  return first.length >= FEW ? first : [...first, ...more].slice(0, FEW);
});

export function addMethod(id: string): void {
  navigate({ trust: [...trustMethods.peek(), id].join(" ") });
}

/** The last one stays: there is nothing to see without it. */
export function removeMethod(id: string): void {
  const left = trustMethods.peek().filter((known) => known !== id);
  if (left.length) navigate({ trust: left.join(" ") });
}

export function resetMethods(): void {
  navigate({ trust: null });
}

const drawn = new Resource<{ source: string; examples: number[]; total: number }>();
export const drawnState = drawn.state;

export function retryDraw(): void {
  drawn.retry();
}

const wanted: ReadonlySignal<string> = computed(() => {
  const request = facetsRequest(filter.value, modelName.value);
  request.append("sort", "index");
  request.append("limit", String(sampleSize.value));
  request.append("sample", String(sampleSize.value));
  request.append("seed", String(filter.value.draw));
  return request.toString();
});

/** The examples drawn; null while they are on their way. */
export const drawnExamples: ReadonlySignal<number[] | null> = computed(() => {
  const found = drawn.state.value.value;
  return found?.examples.length && found.source === wanted.value ? found.examples : null;
});

const asked: ReadonlySignal<SurveyRequest | null> = computed(() => {
  const [info, now, examples] = [board.value, settings.value, drawnExamples.value];
  if (!info || !now || !examples) return null;
  const columns = trustMethods.value.flatMap((id) => {
    if (!methodOf(info, id)) return [];
    const own = id === now.method ? now : { ...now, method: id, params: {} };
    const { parts } = requestParts(info, { ...own, layer: "" }, layers.value);
    return [{ model: modelName.value, target: null, ...parts }];
  });
  return columns.length ? { examples, columns, checked: CHECKED } : null;
});

/** What is measured. */
export const surveyRequest = settled(asked);

export const survey: ReadonlySignal<Survey | null> = computed(() =>
  surveyRequest.value ? surveyOf(surveyRequest.value).value : null,
);

/** The method under the pointer, in the table or in a chart. */
export const pointedMethod = signal<string | null>(null);

/** Follows the address while the view is open. Returns what ends that. */
export function followTrust(): () => void {
  return followSurvey(surveyRequest);
}

function draw(): void {
  const source = wanted.value;
  if (!board.value) return;
  if (untracked(() => drawn.state.value.value?.source) === source) return;
  void drawn.load(async (signal) => {
    const page = await get<ExamplesPage>("api/examples", {
      query: new URLSearchParams(source),
      signal,
    });
    return { source, examples: page.items.map(({ index }) => index), total: page.total };
  });
}

/** Draws the examples, and opens what is asked of them. Returns what ends that. */
export function followSurvey(asked: ReadonlySignal<SurveyRequest | null>): () => void {
  let leave = () => {};
  const stopDrawing = effect(draw);
  const stop = effect(() => {
    const request = asked.value;
    untracked(() => {
      leave();
      leave = request ? openSurvey(request) : () => {};
    });
  });
  return () => {
    stopDrawing();
    stop();
    leave();
  };
}
