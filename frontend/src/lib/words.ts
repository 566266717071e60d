// Tokens as people read them: the pieces of one word together, and which words count most.

import type { Feature } from "./attribution";
import type { Numbers } from "./safetensors";

export interface TextToken {
  readonly text: string;
  readonly id: number;
  /** Where it stands in the text; null for what the text does not hold, such as padding. */
  readonly start: number | null;
  readonly end: number | null;
  readonly special: boolean;
}

export interface Unit {
  readonly text: string;
  /** The places of its tokens. */
  readonly tokens: readonly number[];
  readonly special: boolean;
}

export type UnitKind = "tokens" | "words";

const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });

/** The text's tokens one by one, or those of one word together. */
export function unitsOf(text: string, tokens: readonly TextToken[], kind: UnitKind): Unit[] {
  if (kind === "tokens") {
    return tokens.map((token, i) => ({
      text: token.text || `id ${token.id}`,
      tokens: [i],
      special: token.special,
    }));
  }
  const starts = Array.from(segmenter.segment(text), ({ index }) => index);
  const wordAt = (place: number) => starts.findLastIndex((start) => start <= place);
  const groups: number[][] = [];
  let before = -1;
  tokens.forEach(({ start }, i) => {
    const word = start === null ? -1 : wordAt(start);
    if (word >= 0 && word === before) groups.at(-1)?.push(i);
    else groups.push([i]);
    before = word;
  });
  return groups.map((places) => unitOf(text, tokens, places));
}

function unitOf(text: string, tokens: readonly TextToken[], places: number[]): Unit {
  const first = tokens[places[0]!]!;
  const last = tokens[places.at(-1)!]!;
  const whole = first.start !== null && last.end !== null;
  return {
    text: whole ? text.slice(first.start, last.end) : first.text || `id ${first.id}`,
    tokens: places,
    special: first.special,
  };
}

/** The places of the tokens that begin a line of the text, but for the first. Tokens that the text does not hold, such as the end of one part and the beginning of the next, are shared out between the lines. */
export function lineStarts(text: string, tokens: readonly TextToken[]): ReadonlySet<number> {
  const found = new Set<number>();
  let last = -1;
  tokens.forEach(({ start }, i) => {
    if (start === null) return;
    const before = last < 0 ? null : tokens[last]!.end;
    if (before !== null && text.slice(before, start).includes("\n")) {
      found.add(i - Math.floor((i - last - 1) / 2));
    }
    last = i;
  });
  return found;
}

/** Which way a text runs, by its first letter. */
export function directionOf(text: string): "ltr" | "rtl" {
  const first = /\p{L}/u.exec(text)?.[0] ?? "";
  const right =
    /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
  return right.test(first) ? "rtl" : "ltr";
}

/** Each unit's value: the sum of its tokens'. `shared`: their mean, since each carries the value of its whole word. */
export function unitValues(units: readonly Unit[], values: Numbers, shared: boolean): Float64Array {
  return Float64Array.from(units, ({ tokens }) => {
    const sum = tokens.reduce((total, place) => total + (values[place] ?? 0), 0);
    return shared ? sum / tokens.length : sum;
  });
}

/** The id a unit has as a feature: the place of its first token. */
export function unitId(unit: Unit): string {
  return String(unit.tokens[0]);
}

/** Units by their text; those that come more than once also by their place. */
export function unitFeatures(input: string, units: readonly Unit[], values: Numbers): Feature[] {
  const times = new Map<string, number>();
  for (const { text } of units) times.set(text, (times.get(text) ?? 0) + 1);
  return units.map((unit, i) => ({
    input,
    id: unitId(unit),
    label: unit.text,
    note: times.get(unit.text) === 1 ? "" : `token ${unit.tokens[0]!}`,
    value: values[i] ?? 0,
  }));
}

export interface WordSum {
  readonly word: string;
  readonly times: number;
  readonly sum: number;
  /** The ids of its places. */
  readonly ids: readonly string[];
}

/** Words in lower case with what all their places come to, the strongest first. */
export function topWords(units: readonly Unit[], values: Numbers, count: number): WordSum[] {
  const words = new Map<string, { times: number; sum: number; ids: string[] }>();
  units.forEach((unit, i) => {
    if (unit.special || !/[\p{L}\p{N}]/u.test(unit.text)) return;
    const word = unit.text.trim().toLowerCase();
    const known = words.get(word) ?? { times: 0, sum: 0, ids: [] };
    known.times += 1;
    known.sum += values[i] ?? 0;
    known.ids.push(unitId(unit));
    words.set(word, known);
  });
  return [...words]
    .map(([word, found]) => ({ word, ...found }))
    .sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum))
    .slice(0, count);
}
