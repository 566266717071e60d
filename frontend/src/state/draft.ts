// The method form: what Run would ask for, and what that would cost.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { post } from "../api/client";
import type { AttributionRequest, Estimate } from "../api/types";
import { board, layers, methodOf, modelName } from "./board";
import { exampleIndex } from "./examples";
import { detail, run, runAgain, settings, target } from "./explain";
import { Resource } from "./resource";
import { canonical } from "./results";
import { isDone } from "./runs";
import {
  type Problems,
  reasonAgainst,
  requestParts,
  type Settings,
  settingsPatch,
  withoutDefaults,
} from "./settings";
import { navigate, query } from "./url";

const EMPTY: Settings = {
  method: "",
  params: {},
  baseline: {},
  features: {},
  layer: "",
  seed: "0",
};
/** Waits for this many milliseconds without typing before it asks what a run would cost. */
const PAUSE = 180;

const edited = signal<Settings>(EMPTY);
const cost = new Resource<Estimate>();
const refused = signal<{ key: string; problems: Problems } | null>(null);
/** What was last used with each method, to find it again after a look at another one. */
const used = new Map<string, Pick<Settings, "params" | "layer">>();

export const draft: ReadonlySignal<Settings> = edited;
export const estimate = cost.state;

const checked = computed(() =>
  board.value
    ? requestParts(board.value, edited.value, layers.value)
    : { parts: null, problems: {} },
);

const wanted: ReadonlySignal<AttributionRequest | null> = computed(() => {
  const { parts, problems } = checked.value;
  const index = exampleIndex.value;
  const chosen = board.value && methodOf(board.value, edited.value.method);
  if (!chosen || reasonAgainst(chosen, layers.value) !== null) return null;
  const known = index !== null && (index < (board.value?.size ?? 0) || detail.value !== null);
  if (!parts || !known || Object.keys(problems).length) return null;
  return { examples: [index], model: modelName.value, target: target.value, ...parts };
});

const wantedKey = computed(() => canonical(wanted.value));

/** What is wrong, by field: found here at once, or by the server when it was asked. */
export const problems: ReadonlySignal<Problems> = computed(() => ({
  ...(refused.value?.key === wantedKey.value ? refused.value.problems : {}),
  ...(changed.value ? {} : fromServer(run.value?.error)),
  ...checked.value.problems,
}));

/** Whether the form says something else than the address. */
export const changed: ReadonlySignal<boolean> = computed(() => {
  const info = board.value;
  if (!info || !settings.value) return false;
  const plain = (some: Settings) => canonical(withoutDefaults(info, some));
  return plain(edited.value) !== plain(settings.value);
});

export function edit(part: Partial<Settings>): void {
  edited.value = { ...edited.peek(), ...part };
}

/** Shows another method at once, with the parameters it last had. */
export function chooseMethod(id: string): void {
  const { method, params, layer } = edited.peek();
  used.set(method, { params, layer });
  show({ method: id, params: {}, layer: "", ...used.get(id) });
}

/** Shows the method at another layer at once; "" for the inputs. */
export function chooseLayer(layer: string): void {
  show({ layer });
}

function show(part: Partial<Settings>): void {
  const info = board.peek();
  if (info) navigate(settingsPatch(query.peek(), info, { ...edited.peek(), ...part }));
}

/** Puts the form into the address and runs it. */
export function runDraft(): void {
  const info = board.peek();
  if (!info || Object.keys(checked.peek().problems).length) return;
  navigate(settingsPatch(query.peek(), info, edited.peek()));
  runAgain();
}

/** Follows the address and the form while the view is open. */
export function followDraft(): () => void {
  const ends = [effect(readAddress), followCost()];
  return () => {
    for (const end of ends) end();
  };
}

function readAddress(): void {
  if (settings.value) edited.value = settings.value;
}

function followCost(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    const key = wantedKey.value;
    const request = wanted.peek();
    clearTimeout(timer);
    if (!request) return;
    timer = setTimeout(() => void askCost(key, request), PAUSE);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

async function askCost(key: string, request: AttributionRequest): Promise<void> {
  if (isDone(request)) {
    cost.set({ passes: 0, examples: 1, stored: 1 });
    return;
  }
  await cost.load((signal) => post<Estimate>("api/estimates", request, { signal }));
  const { error } = cost.state.peek();
  refused.value = error ? { key, problems: fromServer(error) } : null;
}

/** "method.params.n_steps" -> n_steps; "baseline.photo" stays. */
function fromServer(
  error: { field: string | null; detail: string | null; title: string } | null | undefined,
): Problems {
  if (!error?.field) return {};
  const field = error.field.replace(/^(body\.)?(method\.params\.)?/, "");
  return { [field]: error.detail ?? error.title };
}
