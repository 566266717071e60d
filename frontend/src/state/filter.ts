/** The examples the page is about: read from the address, sent to the server under the API's names. */
import { decimal, integer, type Patch, type Query } from "./url";

/** Any of some values (null is an empty one), or a range of numbers. */
export type ColumnValue = string | number | boolean | null;
export type ColumnChoice =
  | { values: readonly ColumnValue[] }
  | { min: number | null; max: number | null };

export interface Filter {
  label: number[];
  predicted: number[];
  correct: boolean | null;
  minScore: number | null;
  maxScore: number | null;
  /** Choices in further columns, by the column's name. */
  only: Readonly<Record<string, ColumnChoice>>;
  /** Tags, any of which an example has. */
  tags: string[];
  text: string;
  where: string;
  /** Whether one's own examples are listed in place of the dataset's. */
  own: boolean;
  /** How many examples are drawn at random; null for all. */
  sample: number | null;
  /** The seed of that draw. */
  draw: number;
  /** Whether as many are drawn of each class. */
  stratified: boolean;
  /** A column, with a minus in front for descending. */
  sort: string;
}

export const DEFAULT_SORT = "index";
export const DEFAULT_SAMPLE = 36;
/** Takes every choice of the facets away; sort and subsample stay. */
export const NO_FILTER: Patch = {
  label: null,
  predicted: null,
  correct: null,
  min_score: null,
  max_score: null,
  q: null,
  where: null,
  tag: null,
  own: null,
  "only.*": null,
};
/** As NO_FILTER, and shows all examples that match. */
export const NO_CHOICE: Patch = { ...NO_FILTER, sample: null, draw: null, strata: null };

/** The filter and order under which the model's worst errors come first. */
export const CONFIDENT_MISTAKES: Patch = { correct: "false", sort: "-score" };

export function readFilter(query: Query): Filter {
  return {
    label: integers(query.label),
    predicted: integers(query.predicted),
    correct: query.correct === "true" ? true : query.correct === "false" ? false : null,
    minScore: decimal(query, "min_score"),
    maxScore: decimal(query, "max_score"),
    only: readOnly(query),
    tags: (query.tag ?? "").split(",").filter((tag) => tag !== ""),
    text: query.q ?? "",
    where: query.where ?? "",
    own: query.own === "true",
    sample: positive(integer(query, "sample")),
    draw: integer(query, "draw") ?? 0,
    stratified: query.strata === "1",
    sort: query.sort ?? DEFAULT_SORT,
  };
}

/** What is counted: all that match, whatever the order and however few of them are drawn. */
export function facetsRequest(filter: Filter, model: string | null): URLSearchParams {
  const request = new URLSearchParams();
  const set = (name: string, value: string | number | boolean | null) => {
    if (value !== null && value !== "") request.append(name, String(value));
  };
  set("model", model);
  for (const value of filter.label) set("label", value);
  for (const value of filter.predicted) set("predicted", value);
  set("correct", filter.correct);
  set("min_score", filter.minScore);
  set("max_score", filter.maxScore);
  for (const [column, choice] of Object.entries(filter.only))
    set("only", JSON.stringify({ column, ...choice }));
  for (const tag of filter.tags) set("tag", tag);
  set("q", filter.text);
  set("where", filter.where);
  if (filter.own) set("own", true);
  return request;
}

/** What the server is asked for the list. */
export function listRequest(filter: Filter, model: string | null): URLSearchParams {
  const request = facetsRequest(filter, model);
  request.append("sort", filter.sort);
  if (filter.sample === null) return request;
  request.append("sample", String(filter.sample));
  request.append("seed", String(filter.draw));
  if (filter.stratified) request.append("stratified", "true");
  return request;
}

/** How many facets are in force. */
export function activeCount(filter: Filter): number {
  const set = [
    filter.label.length > 0,
    filter.predicted.length > 0,
    filter.correct !== null,
    filter.minScore !== null || filter.maxScore !== null,
    ...Object.keys(filter.only).map(() => true),
    filter.tags.length > 0,
    filter.text !== "",
    filter.where !== "",
    filter.own,
    filter.sample !== null,
  ];
  return set.filter(Boolean).length;
}

/** Whether the same examples come in the same order however many predictions there are by now. */
export function isSettled(filter: Filter): boolean {
  const sorted = filter.sort === "index" || filter.sort === "-index" || filter.sort === "label";
  const { predicted, correct, minScore, maxScore, where, only } = filter;
  const free = predicted.length === 0 && correct === null && minScore === null && maxScore === null;
  return sorted && free && where === "" && Object.keys(only).length === 0;
}

/** A list of choices with one of them switched, as the address holds it. */
export function toggled(values: readonly number[], value: number): string {
  const next = values.includes(value) ? values.filter((v) => v !== value) : [...values, value];
  return next.join(",");
}

const ONLY = "only.";

/** The change of the address that makes, or with null takes away, a choice in a column. */
export function onlyPatch(column: string, choice: ColumnChoice | null): Patch {
  return { [ONLY + column]: choice && onlyText(choice) };
}

/** "0.2~0.8" for a range, a JSON list for values, "" for no choice at all. */
function onlyText(choice: ColumnChoice): string {
  if ("values" in choice) return choice.values.length ? JSON.stringify(choice.values) : "";
  if (choice.min === null && choice.max === null) return "";
  return `${choice.min ?? ""}~${choice.max ?? ""}`;
}

function readOnly(query: Query): Record<string, ColumnChoice> {
  const found: Record<string, ColumnChoice> = {};
  for (const [name, text] of Object.entries(query)) {
    if (!name.startsWith(ONLY)) continue;
    const choice = text.startsWith("[") ? valuesOf(text) : rangeOf(text);
    if (choice) found[name.slice(ONLY.length)] = choice;
  }
  return found;
}

function valuesOf(text: string): ColumnChoice | null {
  try {
    const values: unknown = JSON.parse(text);
    return Array.isArray(values) && values.length ? { values: values as ColumnValue[] } : null;
  } catch {
    return null;
  }
}

function rangeOf(text: string): ColumnChoice | null {
  const [low, high, more] = text.split("~");
  const min = decimal({ low: low ?? "" }, "low");
  const max = decimal({ high: high ?? "" }, "high");
  return more === undefined && (min !== null || max !== null) ? { min, max } : null;
}

/** A column's values with one of them switched. */
export function toggledValues(choice: ColumnChoice | undefined, value: ColumnValue): ColumnChoice {
  const values = choice && "values" in choice ? choice.values : [];
  return {
    values: values.includes(value) ? values.filter((v) => v !== value) : [...values, value],
  };
}

/** The tags with one of them switched, as the address holds them. */
export function toggledTag(tags: readonly string[], tag: string): string {
  return (tags.includes(tag) ? tags.filter((t) => t !== tag) : [...tags, tag]).join(",");
}

function integers(text: string | undefined): number[] {
  return (text ?? "")
    .split(",")
    .filter((part) => /^-?\d+$/.test(part))
    .map(Number);
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}
