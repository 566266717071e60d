/** Tags, notes and pins: what people say of examples. The server keeps them beside the data. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { ApiError } from "../api/client";
import { get, post, put } from "../api/client";
import type { ExampleItem, ExamplesPage, FacetValue } from "../api/types";
import { board } from "./board";
import { changeItems, filter, refreshExamples, reopenExamples } from "./examples";
import { asError, Resource } from "./resource";
import { say } from "./toast";
import { view } from "./url";

export const PINNED = "pinned";
const MOST_PINS = 100;

const all = signal<readonly FacetValue[]>([]);
const failure = signal<ApiError | null>(null);
const pinned = new Resource<ExampleItem[]>();

/** Every tag with the number of its examples. */
export const tags: ReadonlySignal<readonly FacetValue[]> = computed(() =>
  all.value.filter(({ name }) => name !== PINNED),
);
export const marksError: ReadonlySignal<ApiError | null> = failure;
export const pins = pinned.state;

interface TagsAnswer {
  tags: FacetValue[];
}

/** Where examples can be pinned and tagged. */
const MARKING = ["examples", "explain", "compare"];

/** Reads the tags and the pinned examples, and again whenever the board or the view changes. */
export function startMarks(): void {
  effect(() => {
    if (board.value && MARKING.includes(view.value)) void readMarks();
  });
}

export function isPinned(index: number): boolean {
  return (pins.value.value ?? []).some((item) => item.index === index);
}

/** Pins an example above every list, or takes it from there. */
export async function togglePin(index: number): Promise<void> {
  const [add, gone] = isPinned(index) ? [[], [PINNED]] : [[PINNED], []];
  if (!(await changeTags([index], add, gone))) say(failure.peek()?.message ?? "Not pinned.");
}

export async function readMarks(): Promise<void> {
  try {
    all.value = (await get<TagsAnswer>("api/tags")).tags;
    readPins();
  } catch (error) {
    failure.value = asError(error);
  }
}

function readPins(): void {
  void pinned.load(async (signal) => {
    const expected = all.peek().find(({ name }) => name === PINNED)?.count ?? 0;
    if (expected === 0) return [];
    const found = await pinnedAmong(false, signal);
    if (found.length >= Math.min(expected, MOST_PINS)) return found;
    return [...found, ...(await pinnedAmong(true, signal))];
  });
}

/** The pinned ones of the dataset, or of one's own examples. */
async function pinnedAmong(own: boolean, signal: AbortSignal): Promise<ExampleItem[]> {
  const query = new URLSearchParams({ tag: PINNED, limit: String(MOST_PINS) });
  if (own) query.set("own", "true");
  return (await get<ExamplesPage>("api/examples", { query, signal })).items;
}

/** Gives tags to examples and takes others away. Whether it went well. */
export async function changeTags(
  indices: Iterable<number>,
  add: readonly string[],
  remove: readonly string[] = [],
): Promise<boolean> {
  const examples = [...indices];
  failure.value = null;
  try {
    all.value = (await post<TagsAnswer>("api/tags", { examples, add, remove })).tags;
  } catch (error) {
    failure.value = asError(error);
    return false;
  }
  const changed = new Set(examples);
  changeItems((item) =>
    changed.has(item.index) ? { ...item, tags: merged(item.tags, add, remove) } : item,
  );
  if ([...add, ...remove].includes(PINNED)) readPins();
  follow("tags");
  return true;
}

export async function writeNote(index: number, note: string): Promise<boolean> {
  failure.value = null;
  try {
    const answer = await put<{ note: string | null }>(`api/examples/${index}/note`, { note });
    changeItems((item) => (item.index === index ? { ...item, note: answer.note } : item));
  } catch (error) {
    failure.value = asError(error);
    return false;
  }
  follow("note");
  return true;
}

/** Where the list is made by what just changed, it is made anew. */
function follow(column: string): void {
  const { where, tags: chosen, sort } = filter.peek();
  const listed = (column === "tags" && chosen.length > 0) || where.includes(column);
  if (listed || sort.endsWith(column)) reopenExamples();
  refreshExamples();
}

function merged(
  before: readonly string[],
  add: readonly string[],
  remove: readonly string[],
): string[] {
  const kept = before.filter((tag) => !remove.includes(tag));
  return [...new Set([...kept, ...add.map((tag) => tag.trim())])].sort();
}
