// The original beside an edit: its own answer, explained in the same way for the same class.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { get } from "../api/client";
import type { AttributionRequest, ExampleDetail, Score } from "../api/types";
import { board, modelName } from "./board";
import { detail, isCheap, request, type Shown, target } from "./explain";
import { Resource } from "./resource";
import { canonical } from "./results";
import { leaveRun, type Run, runOf, startRun } from "./runs";

const resource = new Resource<ExampleDetail>();

/** The dataset's example that the one on screen was made of; null where it is the dataset's own. */
export const original: ReadonlySignal<ExampleDetail | null> = computed(() => {
  const { value } = resource.state.value;
  const origin = detail.value?.edit?.origin ?? null;
  return value !== null && value.index === origin ? value : null;
});

const askedKey = computed(() => {
  const wanted = request.value;
  const before = original.value;
  if (!wanted || !before) return null;
  const explained = target.value ?? firstOf(detail.value);
  return canonical({ ...wanted, examples: [before.index], target: explained });
});

function firstOf(example: ExampleDetail | null): number | null {
  if (board.value?.output.kind === "regression") return null;
  return scoresOf(example)[0]?.index ?? null;
}

/** The scores of the model on screen for an example, high to low. */
export function scoresOf(example: ExampleDetail | null): readonly Score[] {
  const all = example?.predictions ?? [];
  return (all.find(({ model }) => model === modelName.value) ?? all[0])?.scores ?? [];
}

const request_ = computed(() =>
  askedKey.value === null ? null : (JSON.parse(askedKey.value) as AttributionRequest),
);

const last = signal<Shown | null>(null);

export const originalRun: ReadonlySignal<Run | null> = computed(() =>
  request_.value ? runOf(request_.value).value : null,
);

/** The original's attributions. */
export const originalShown: ReadonlySignal<Shown | null> = computed(() => {
  const run = originalRun.value;
  const example = original.value?.index;
  const arrays = run?.result?.arrays ?? run?.snapshot;
  if (run && arrays && example !== undefined) {
    return { example, arrays, request: run.request, result: run.result, stale: false };
  }
  const before = last.value;
  return before && before.example === example ? { ...before, stale: true } : null;
});

/** Follows the example on screen while the view is open. Returns what ends that. */
export function followOriginal(): () => void {
  let before: AttributionRequest | null = null;
  const ends = [
    effect(() => {
      const origin = detail.value?.edit?.origin;
      if (origin === undefined || origin === null) return;
      void resource.load((signal) => get<ExampleDetail>(`api/examples/${origin}`, { signal }));
    }),
    effect(() => {
      const next = request_.value;
      if (before && before !== next) leaveRun(before);
      before = next;
      if (next) startRun(next, false, isCheap(next));
    }),
    effect(() => {
      const now = originalShown.value;
      if (now && !now.stale) last.value = now;
    }),
  ];
  return () => {
    for (const end of ends) end();
    if (before) leaveRun(before);
  };
}
