/** The examples the page is about: read from the address, sent to the server under the API's names. */
import { decimal, integer, type Patch, type Query } from "./url";

export interface Filter {
  label: number[];
  predicted: number[];
  correct: boolean | null;
  minScore: number | null;
  maxScore: number | null;
  text: string;
  where: string;
  /** How many examples are drawn at random; null for all. */
  sample: number | null;
  /** The seed of that draw. */
  draw: number;
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
};
/** The filter and order under which the model's worst errors come first. */
export const CONFIDENT_MISTAKES: Patch = { correct: "false", sort: "-score" };

export function readFilter(query: Query): Filter {
  return {
    label: integers(query.label),
    predicted: integers(query.predicted),
    correct: query.correct === "true" ? true : query.correct === "false" ? false : null,
    minScore: decimal(query, "min_score"),
    maxScore: decimal(query, "max_score"),
    text: query.q ?? "",
    where: query.where ?? "",
    sample: positive(integer(query, "sample")),
    draw: integer(query, "draw") ?? 0,
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
  set("q", filter.text);
  set("where", filter.where);
  return request;
}

/** What the server is asked for the list. */
export function listRequest(filter: Filter, model: string | null): URLSearchParams {
  const request = facetsRequest(filter, model);
  request.append("sort", filter.sort);
  if (filter.sample === null) return request;
  request.append("sample", String(filter.sample));
  request.append("seed", String(filter.draw));
  return request;
}

/** How many facets are in force. */
export function activeCount(filter: Filter): number {
  const set = [
    filter.label.length > 0,
    filter.predicted.length > 0,
    filter.correct !== null,
    filter.minScore !== null || filter.maxScore !== null,
    filter.text !== "",
    filter.where !== "",
    filter.sample !== null,
  ];
  return set.filter(Boolean).length;
}

/** Whether the same examples come in the same order however many predictions there are by now. */
export function isSettled(filter: Filter): boolean {
  const sorted = filter.sort === "index" || filter.sort === "-index" || filter.sort === "label";
  const { predicted, correct, minScore, maxScore, where } = filter;
  const free = predicted.length === 0 && correct === null && minScore === null && maxScore === null;
  return sorted && free && where === "";
}

/** A list of choices with one of them switched, as the address holds it. */
export function toggled(values: readonly number[], value: number): string {
  const next = values.includes(value) ? values.filter((v) => v !== value) : [...values, value];
  return next.join(",");
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
