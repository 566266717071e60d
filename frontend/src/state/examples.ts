/** The examples under the current filter, their counts, and the way from one to the next. */
import { computed, effect, type ReadonlySignal } from "@preact/signals";
import { address, get } from "../api/client";
import type { Confusion, ExampleItem, ExamplesPage, Facets } from "../api/types";
import { type Board, board, modelName } from "./board";
import { type Filter, facetsRequest, isSettled, listRequest, readFilter } from "./filter";
import { Pages } from "./pages";
import { Resource } from "./resource";
import { integer, navigate, type Patch, query, view } from "./url";

const PAGE_SIZES = { near: 100, far: 1000 };
/** Thumbnail widths asked of the server; few, so that its answers are cached. */
const WIDTHS = [64, 128, 256, 512, 1024];

export const filter: ReadonlySignal<Filter> = computed(() => readFilter(query.value));

const pages = new Pages<ExampleItem>(fetchExamples, PAGE_SIZES);
const counts = new Resource<Facets>();
const matrix = new Resource<Confusion>();
let counted = "";

/** The examples loaded so far, in order, and how many there are in all. */
export const examples = pages.state;
export const facets = counts.state;
/** Labels against predictions; read while it is shown. */
export const confusion = matrix.state;
export const confusionShown: ReadonlySignal<boolean> = computed(() => query.value.matrix === "1");

/** The example in the address. */
export const exampleIndex: ReadonlySignal<number | null> = computed(() =>
  integer(query.value, "example"),
);

/** Its place in the current list, or -1 while it is not among the loaded ones. */
export const examplePosition: ReadonlySignal<number> = computed(() => {
  const index = exampleIndex.value;
  return index === null ? -1 : examples.value.items.findIndex((item) => item.index === index);
});

/** Loads examples until `count` are there; called as one scrolls. */
export function wantExamples(count: number): void {
  pages.want(count);
}

/** Reads again whatever failed, the list, the counts or both. */
export function retryExamples(): void {
  if (examples.peek().error) pages.retry();
  if (facets.peek().error) counts.retry();
  if (confusion.peek().error) matrix.retry();
}

/** What opens an example in Explain, for its own prediction; all else in the address stays. */
export function opening(index: number): Patch {
  return { view: "explain", example: index, target: null };
}

export function openExample(index: number): void {
  navigate(opening(index));
}

/** Shows the next (or an earlier) example of the current list. */
export function stepExample(by: number): void {
  const { items, total } = examples.value;
  const position = examplePosition.value;
  const next = position < 0 ? 0 : Math.min(total - 1, Math.max(0, position + by));
  const item = items[next];
  if (next + PAGE_SIZES.near / 2 > items.length) pages.want(next + PAGE_SIZES.near);
  if (item) navigate({ example: item.index });
}

/** Reads the counts again, and the list where its order is sure to be the same. */
export function refreshExamples(): void {
  counts.retry();
  matrix.retry();
  if (isSettled(filter.peek())) void pages.refresh();
}

/** Reads the list anew: examples may come, go and change places. */
export function reopenExamples(): void {
  pages.reopen();
  counts.retry();
}

/** The address of an example's picture, wide enough for `pixels` of the screen. */
export function pictureAddress(index: number, input: string, pixels: number): string {
  const width = WIDTHS.find((known) => known >= pixels) ?? WIDTHS[WIDTHS.length - 1];
  const path = `api/examples/${index}/inputs/${encodeURIComponent(input)}`;
  return address(path, new URLSearchParams({ width: String(width) }));
}

/** What is drawn of an example on a card: a picture, or what is seen of another input at a glance. */
export interface Drawn {
  readonly name: string;
  /** A picture of its own; else a drawing. */
  readonly picture: boolean;
}

const PICTURED = ["image", "video"];

/** The board's first input of pictures or clips, else the first that can be drawn small. */
export function drawnInput({ inputs }: Pick<Board, "inputs">): Drawn | null {
  const picture = inputs.find(({ modality }) => PICTURED.includes(modality));
  const found = picture ?? inputs.find(({ thumbnail }) => thumbnail);
  return found ? { name: found.name, picture: found === picture } : null;
}

/** The address of an input's small drawing. */
export function drawingAddress(index: number, input: string): string {
  return address(`api/examples/${index}/inputs/${encodeURIComponent(input)}/thumbnail`);
}

/** The address of an example's media as it is, in full. */
export function mediaAddress(index: number, input: string): string {
  return address(`api/examples/${index}/inputs/${encodeURIComponent(input)}`);
}

/** The views that show counts of the filter. */
const COUNTING = ["examples", "trust"];

/** Follows the address: a changed filter loads another list, and other counts where they are shown. */
export function startExamples(): void {
  const ready = computed(() => board.value !== null);
  const listed = computed(() => listRequest(filter.value, modelName.value).toString());
  const counting = computed(() => facetsRequest(filter.value, modelName.value).toString());
  effect(() => {
    if (ready.value) pages.open(listed.value);
  });
  effect(() => {
    if (!ready.value || view.value !== "examples" || !confusionShown.value) return;
    const asked = counting.value;
    void matrix.load((signal) =>
      get<Confusion>("api/confusion", { query: new URLSearchParams(asked), signal }),
    );
  });
  effect(() => {
    if (!ready.value || !COUNTING.includes(view.value) || counting.value === counted) return;
    counted = counting.value;
    void counts.load((signal) =>
      get<Facets>("api/facets", { query: new URLSearchParams(counting.value), signal }),
    );
  });
}

/** The request behind the current list, in its order. */
export function currentRequest(): URLSearchParams {
  return listRequest(filter.peek(), modelName.peek());
}

/** Changes examples of the list on screen in place, such as their tags. */
export function changeItems(change: (item: ExampleItem) => ExampleItem): void {
  pages.change(change);
}

async function fetchExamples(
  source: string,
  cursor: string | null,
  limit: number,
  signal: AbortSignal,
) {
  const request = new URLSearchParams(source);
  request.set("limit", String(limit));
  if (cursor !== null) request.set("cursor", cursor);
  const page = await get<ExamplesPage>("api/examples", { query: request, signal });
  return { items: page.items, total: page.total, next: page.next_cursor };
}
