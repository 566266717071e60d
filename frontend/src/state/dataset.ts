/** The view Dataset: what the attributions of all examples under the filter come to. */
import { computed, effect, type ReadonlySignal, untracked } from "@preact/signals";
import type {
  BoardInfo,
  FeatureMean,
  InputOverview,
  MeanMap,
  ModelOverview,
  OverviewEstimate,
  OverviewRequest,
  OverviewTable,
} from "../api/types";
import { board, modelName } from "./board";
import { filter } from "./examples";
import { listRequest } from "./filter";
import { baselineOf, bodyOf, summable } from "./modalities";
import { Resource } from "./resource";
import { type Arrays, loadArrays } from "./results";
import { defaultMethod } from "./settings";
import { type Made, settled, Tables } from "./tables";
import { navigate, query } from "./url";

export type { FeatureMean, InputOverview, MeanMap, ModelOverview, OverviewTable };
export type Overview = Made<OverviewTable, OverviewEstimate>;
export type By = OverviewRequest["by"];

const tables = new Tables<OverviewRequest, OverviewTable, OverviewEstimate>("api/overviews");

/** Whose attributions are summed up. */
export const overviewMethod: ReadonlySignal<string> = computed(() => {
  const info = board.value;
  if (!info) return "";
  const able = summable(info);
  const asked = able.find(({ id }) => id === query.value.of_method);
  return (asked ?? able.find(({ id }) => id === defaultMethod(info)?.id) ?? able[0])?.id ?? "";
});

/** Which class an example's map counts for. */
export const by: ReadonlySignal<By> = computed(() =>
  query.value.class_of === "label" && canGroupByLabel(board.value) ? "label" : "predicted",
);

/** How the words and columns are sorted. */
export const ranking: ReadonlySignal<Ranking> = computed(
  () => RANKINGS.find(({ id }) => id === query.value.rank)?.id ?? "share",
);

export type Ranking = "share" | "size" | "for" | "against";
export const RANKINGS: readonly { id: Ranking; title: string; help: string }[] = [
  { id: "share", title: "Overall", help: "By their part of all attributions" },
  { id: "size", title: "Where present", help: "By their mean size where they are there" },
  { id: "for", title: "For", help: "Those that speak most for the answer, in the mean" },
  { id: "against", title: "Against", help: "Those that speak most against it, in the mean" },
];

export function canGroupByLabel(info: BoardInfo | null): boolean {
  return !!info?.labelled && info.output.kind === "classes";
}

/** What the address asks for; the model in use comes first, the others are compared with it. */
export const overviewRequest: ReadonlySignal<OverviewRequest | null> = settled(
  computed<OverviewRequest | null>(() => {
    const info = board.value;
    if (!info || overviewMethod.value === "") return null;
    const names = info.models.map(({ name }) => name);
    const first = modelName.value ?? names[0] ?? "";
    return {
      filter: bodyOf(listRequest(filter.value, modelName.value)),
      method: { id: overviewMethod.value, params: {} },
      by: by.value,
      models: [first, ...names.filter((name) => name !== first)],
      baseline: baselineOf(info),
      seed: 0,
    };
  }),
);

export const overview: ReadonlySignal<Overview | null> = computed(() =>
  overviewRequest.value ? tables.of(overviewRequest.value).value : null,
);

const maps = new Resource<Arrays>();
/** The mean maps of the overview on screen. */
export const meanMaps = maps.state;

const key = computed(() => overview.value?.table?.key ?? null);

/** Follows the address while the view is open. Returns what ends that. */
export function followDataset(): () => void {
  let leave = () => {};
  const stops = [
    effect(() => {
      const request = overviewRequest.value;
      untracked(() => {
        leave();
        leave = request ? tables.open(request) : () => {};
      });
    }),
    effect(() => {
      const now = key.value;
      if (now === null) maps.set(null);
      else void maps.load((signal) => loadArrays(now, signal));
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    leave();
  };
}

export function startOverview(): void {
  const request = overviewRequest.peek();
  if (request) tables.start(request);
}

export function cancelOverview(): void {
  const request = overviewRequest.peek();
  if (request) tables.cancel(request);
}

export function retryOverview(): void {
  const request = overviewRequest.peek();
  if (!request) return;
  if (tables.of(request).peek().estimate === null) tables.open(request);
  else tables.start(request);
}

export function retryMaps(): void {
  maps.retry();
}

export function chooseOverviewMethod(id: string): void {
  navigate({ of_method: id === defaultMethod(board.peek() as BoardInfo)?.id ? null : id });
}

export function chooseBy(next: By): void {
  navigate({ class_of: next === "predicted" ? null : next });
}

export function chooseRanking(next: Ranking): void {
  navigate({ rank: next === "share" ? null : next }, "replace");
}
