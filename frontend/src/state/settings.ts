// How attributions are asked for, as texts: in the address (what is shown) and in the form (what Run would show).

import type {
  AttributionRequest,
  BoardInfo,
  InputInfo,
  MethodInfo,
  TargetSpec,
} from "../api/types";
import { type Parameter, parametersOf, parseText } from "../lib/parameters";
import type { Patch, Query } from "./url";

export interface Settings {
  readonly method: string;
  /** Texts of the parameters that differ from their defaults, by name. */
  readonly params: Readonly<Record<string, string>>;
  /** By input: the name of a baseline, or "example:7". */
  readonly baseline: Readonly<Record<string, string>>;
  /** By input; left out, the server groups what would take too many passes. */
  readonly features: Readonly<Record<string, string>>;
  readonly seed: string;
}

export type Problems = Readonly<Record<string, string>>;

const GROUPS = { params: "p.", baseline: "b.", features: "f." } as const;
const PREFERRED = "IntegratedGradients";

/** Why a method cannot explain inputs on this board, or null. */
export function reasonAgainst(method: MethodInfo): string | null {
  if (method.unavailable !== null) return method.unavailable;
  return method.sites.includes("input")
    ? null
    : "it explains layers, and this view explains inputs.";
}

/** The method shown when nobody chose one. */
export function defaultMethod(board: BoardInfo): MethodInfo | null {
  const able = board.methods.filter((method) => reasonAgainst(method) === null);
  return able.find((method) => method.id === PREFERRED) ?? able[0] ?? null;
}

export function readSettings(query: Query, board: BoardInfo): Settings {
  return {
    method: query.method ?? defaultMethod(board)?.id ?? "",
    params: group(query, GROUPS.params),
    baseline: group(query, GROUPS.baseline),
    features: group(query, GROUPS.features),
    seed: query.seed ?? "0",
  };
}

function group(query: Query, prefix: string): Record<string, string> {
  const entries = Object.entries(query).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, text]) => [name.slice(prefix.length), text]));
}

/** What to change in the address so that it says `next`; defaults are left out of it. */
export function settingsPatch(query: Query, board: BoardInfo, next: Settings): Patch {
  const patch: Record<string, string | null> = {};
  for (const name of Object.keys(query)) {
    if (Object.values(GROUPS).some((prefix) => name.startsWith(prefix))) patch[name] = null;
  }
  const plain = withoutDefaults(board, next);
  for (const kind of ["params", "baseline", "features"] as const) {
    for (const [name, text] of Object.entries(plain[kind]))
      patch[GROUPS[kind] + name] = text || "auto";
  }
  patch.method = next.method === defaultMethod(board)?.id ? null : next.method;
  patch.seed = next.seed.trim() === "0" ? null : next.seed.trim();
  return patch;
}

/** The settings with every default left out, so that equal settings are equal objects. */
export function withoutDefaults(board: BoardInfo, settings: Settings): Settings {
  const parameters = parametersFor(board, settings.method);
  const differs = (name: string, text: string) => {
    const parameter = parameters.find((known) => known.name === name);
    return parameter !== undefined && shownText(text) !== parameter.text;
  };
  return {
    ...settings,
    params: kept(settings.params, differs),
    baseline: kept(settings.baseline, (name, text) => {
      const input = inputOf(board, name);
      return input !== undefined && text !== input.default_baseline;
    }),
    features: kept(settings.features, (name, text) => {
      const choices = inputOf(board, name)?.features ?? [];
      return choices.some((choice) => choice.id === text);
    }),
  };
}

function kept(
  texts: Readonly<Record<string, string>>,
  keep: (name: string, text: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([name, text]) => keep(name, text)));
}

/** A parameter left to the method is an empty text in the form, and "auto" in the address. */
export function shownText(text: string): string {
  return text === "auto" ? "" : text;
}

export function parametersFor(board: BoardInfo, method: string): Parameter[] {
  return parametersOf(board.methods.find((known) => known.id === method)?.params.properties);
}

function inputOf(board: BoardInfo, name: string): InputInfo | undefined {
  return board.inputs.find((input) => input.name === name);
}

export type RequestParts = Omit<AttributionRequest, "examples" | "target" | "model">;

/** The settings as a request has them, and a sentence for each field that is not valid. */
export function requestParts(
  board: BoardInfo,
  settings: Settings,
): { parts: RequestParts; problems: Problems } {
  const problems: Record<string, string> = {};
  const plain = withoutDefaults(board, settings);
  const params: Record<string, unknown> = {};
  for (const parameter of parametersFor(board, settings.method)) {
    const text = plain.params[parameter.name];
    const parsed = text === undefined ? null : parseText(parameter, shownText(text));
    if (parsed?.ok) params[parameter.name] = parsed.value;
    else if (parsed) problems[parameter.name] = parsed.error;
  }
  const baseline = baselineOf(board, plain.baseline, problems);
  const features = Object.keys(plain.features).length ? { ...plain.features } : null;
  const seed = Number(settings.seed);
  if (!Number.isInteger(seed) || seed < 0 || settings.seed.trim() === "") {
    problems.seed = "The seed is a whole number from 0.";
  }
  return { parts: { method: { id: settings.method, params }, baseline, features, seed }, problems };
}

function baselineOf(
  board: BoardInfo,
  texts: Readonly<Record<string, string>>,
  problems: Record<string, string>,
): AttributionRequest["baseline"] {
  const chosen: Record<string, string | { example: number }> = {};
  for (const [name, text] of Object.entries(texts)) {
    const example = exampleOf(text);
    if (example === null) chosen[name] = text;
    else if (example >= 0 && example < board.size) chosen[name] = { example };
    else problems[`baseline.${name}`] = `Give the index of an example, 0 to ${board.size - 1}.`;
  }
  return Object.keys(chosen).length ? chosen : null;
}

/** "example:7" -> 7; -1 where the index is missing or no number; null for a named baseline. */
export function exampleOf(baseline: string): number | null {
  if (!baseline.startsWith("example:")) return null;
  const index = baseline.slice("example:".length).trim();
  return /^\d+$/.test(index) ? Number(index) : -1;
}

/** "7" a class, "3,1" an element of a larger output, "7~2" class 7 rather than class 2. */
export function parseTarget(text: string | undefined): TargetSpec {
  if (text === undefined) return null;
  const contrast = /^(\d+)~(\d+)$/.exec(text);
  if (contrast) return { contrast: [Number(contrast[1]), Number(contrast[2])] };
  if (!/^\d+(,\d+)*$/.test(text)) return null;
  const index = text.split(",").map(Number);
  return index.length === 1 ? (index[0] ?? null) : { index };
}
