// How attributions are asked for, as texts: in the address (what is shown) and in the form (what Run would show).

import type {
  AttributionRequest,
  BoardInfo,
  InputInfo,
  LayerInfo,
  MethodInfo,
  TargetSpec,
} from "../api/types";
import { type Parameter, parametersOf, parseText } from "../lib/parameters";
import type { Patch, Query } from "./url";

export interface Settings {
  readonly method: string;
  /** Texts of the parameters that differ from their defaults, by name. */
  readonly params: Readonly<Record<string, string>>;
  /** By input: the name of a baseline, "example:7", or "own:9700" for a file. */
  readonly baseline: Readonly<Record<string, string>>;
  /** By input; left out, the server groups what would take too many passes. */
  readonly features: Readonly<Record<string, string>>;
  /** Where to attribute to; "" for the inputs, or for the layer a method takes by itself. */
  readonly layer: string;
  readonly seed: string;
}

export type Problems = Readonly<Record<string, string>>;

const GROUPS = { params: "p.", baseline: "b.", features: "f." } as const;
const PREFERRED = "IntegratedGradients";

type Layers = readonly LayerInfo[];

/** Why a method cannot explain one example of a model with these layers, or null. */
export function reasonAgainst(method: MethodInfo, layers: Layers): string | null {
  if (method.unavailable !== null) return method.unavailable;
  if (method.least_examples > 1)
    return "it compares examples with one another, and this view shows a single one.";
  if (!method.needs_layer) return null;
  if (!method.sites.includes("layer"))
    return "it explains one unit of a layer, and this view has no way to choose one.";
  return layers.length
    ? null
    : "it explains a layer, and this model's layers cannot be watched, or are not known yet.";
}

/** The method shown when nobody chose one: about the inputs, if there is such a one. */
export function defaultMethod(board: BoardInfo): MethodInfo | null {
  const able = board.methods.filter((method) => reasonAgainst(method, []) === null);
  return able.find((method) => method.id === PREFERRED) ?? able[0] ?? null;
}

/** The layer that settings ask for; null for the inputs. */
export function layerOf(method: MethodInfo, chosen: string, layers: Layers): string | null {
  if (!method.sites.includes("layer")) return null;
  if (chosen !== "") return chosen;
  return method.needs_layer ? (defaultLayer(layers)?.name ?? null) : null;
}

/** The last one that still knows of places: where a class activation map is usually read. */
function defaultLayer(layers: Layers): LayerInfo | undefined {
  return (
    layers.findLast(({ shape }) => shape.length > 2 && (shape.at(-1) ?? 0) > 1) ?? layers.at(-1)
  );
}

export function readSettings(query: Query, board: BoardInfo): Settings {
  return {
    method: query.method ?? defaultMethod(board)?.id ?? "",
    params: group(query, GROUPS.params),
    baseline: group(query, GROUPS.baseline),
    features: group(query, GROUPS.features),
    layer: query.layer ?? "",
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
  patch.layer = plain.layer;
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
  const sites = board.methods.find((known) => known.id === settings.method)?.sites ?? [];
  return {
    ...settings,
    layer: sites.includes("layer") ? settings.layer : "",
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
  layers: Layers,
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
  const method = board.methods.find((known) => known.id === settings.method);
  const layer = method ? layerOf(method, plain.layer, layers) : null;
  return {
    parts: { method: { id: settings.method, params }, baseline, features, layer, seed },
    problems,
  };
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
    else if (example >= 0 && (example < board.size || ownFileOf(text) !== null))
      chosen[name] = { example };
    else problems[`baseline.${name}`] = `Give the index of an example, 0 to ${board.size - 1}.`;
  }
  return Object.keys(chosen).length ? chosen : null;
}

/** "own:9700" -> 9700, a file of one's own, kept with a number beyond the dataset's; null for any other baseline. */
export function ownFileOf(baseline: string): number | null {
  const index = /^own:(\d+)$/.exec(baseline)?.[1];
  return index === undefined ? null : Number(index);
}

/** "example:7" -> 7, as is a file of one's own; -1 where the index is no number; null for a named baseline. */
export function exampleOf(baseline: string): number | null {
  const own = ownFileOf(baseline);
  if (own !== null) return own;
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
