// The Compare view's columns: which there are to begin with, and what each of them asks for.

import type { AttributionRequest, LayerInfo, MethodInfo, TargetSpec } from "../api/types";
import { shortContrast, shortName } from "../lib/agreement";
import { names as joined, probability } from "../lib/format";
import { flatIndex, headAt, type PlacesInfo, placeOf, targetName } from "../lib/places";
import { board, layers, layersOf, methodOf, modelName } from "./board";
import { detailAt } from "./details";
import { exampleIndex, examples } from "./examples";
import {
  detail,
  labelTargets,
  placesNow,
  predicted,
  predictionOf,
  scores,
  settings,
  target,
} from "./explain";
import {
  exampleOf,
  parseTarget,
  reasonAgainst,
  requestParts,
  type Settings,
  settingsPatch,
} from "./settings";
import { type Patch, query } from "./url";

export type Kind = "methods" | "targets" | "baselines" | "models" | "layers" | "examples";
export const KINDS: readonly Kind[] = [
  "methods",
  "targets",
  "baselines",
  "models",
  "layers",
  "examples",
];
/** The column of the inputs among those of layers: a colon is in no layer's name. */
export const INPUTS = ":inputs";

/** One of each of these is shown first, where the board has it. */
const FIRST_METHODS = [
  ["IntegratedGradients"],
  ["Saliency", "InputXGradient"],
  ["Occlusion"],
  ["KernelShap", "FeatureAblation"],
];
const FIRST_BASELINES = 4;
const FIRST_MODELS = 6;
const FIRST_LAYERS = 3;
const FIRST_ROWS = 6;

export interface Column {
  /** As the address has it: a method's id, a target, "input:baseline", a model, a layer, an index. */
  readonly id: string;
  readonly title: string;
  /** Of a few letters, where there is little room. */
  readonly short: string;
  /** Said below the title. */
  readonly note: string;
  readonly example: number | null;
  readonly request: AttributionRequest | null;
  /** Why there is nothing to ask for. */
  readonly problem: string | null;
  /** What opens the same in Explain. */
  readonly link: Patch;
}

/** Whether a board can be compared so. */
export function hasKind(kind: Kind): boolean {
  const info = board.value;
  if (kind === "targets") return info?.output.kind !== "regression" || !!info.output.places;
  if (kind === "models") return (info?.models.length ?? 0) > 1;
  if (kind === "layers") return layers.value.length > 0;
  return true;
}

// The columns to begin with

/** `rows`: examples are laid out as rows, of which there is room for more. */
export function firstColumns(kind: Kind, rows: boolean): string[] {
  switch (kind) {
    case "methods":
      return firstMethods();
    case "targets":
      return firstTargets();
    case "baselines":
      return firstBaselines();
    case "models":
      return (board.value?.models ?? []).slice(0, FIRST_MODELS).map(({ name }) => textId(name));
    case "layers":
      return firstLayers();
    default:
      return firstExamples(rows ? FIRST_ROWS : 2);
  }
}

function able(method: MethodInfo): boolean {
  return reasonAgainst(method, layers.value) === null;
}

function firstMethods(): string[] {
  const methods = (board.value?.methods ?? []).filter(able);
  const known = (id: string) => methods.some((method) => method.id === id);
  const first = FIRST_METHODS.flatMap((group) => group.find(known) ?? []);
  const more = methods.filter(({ needs_layer }) => !needs_layer).map(({ id }) => id);
  const own = settings.value && query.value.method ? [settings.value.method] : [];
  const chosen = [...new Set([...own, ...first])];
  if (chosen.length >= FIRST_METHODS.length) return chosen;
  return [...new Set([...chosen, ...more])].slice(0, FIRST_METHODS.length);
}

function firstTargets(): string[] {
  const [first, second] = scores.value;
  if (!first) return [];
  const labels = labelTargets.value.map(String);
  const contrast = second ? [`${first.index}~${second.index}`] : [];
  const own = query.value.target === undefined ? [] : [query.value.target];
  const likeliest = [first, ...(second ? [second] : [])].map(({ index }) => String(index));
  return [...new Set([...likeliest, ...labels, ...contrast, ...own])];
}

function firstBaselines(): string[] {
  const input = board.value?.inputs.find(({ baselines }) => baselines.length > 1);
  if (!input) return [];
  const ids = input.baselines.map(({ id }) => id);
  const own = settings.value?.baseline[input.name] ?? input.default_baseline;
  return [...new Set([own, ...ids])]
    .slice(0, FIRST_BASELINES)
    .map((id) => baselineId(input.name, id));
}

/** The inputs, and a few layers that still know of places, from early to late. */
function firstLayers(): string[] {
  const spatial = layers.value.filter(({ shape }) => shape.length > 2 && (shape.at(-1) ?? 0) > 1);
  const among = spatial.length ? spatial : layers.value;
  const own = settings.value?.layer ? [settings.value.layer] : [];
  const steps = Array.from({ length: FIRST_LAYERS }, (_, i) =>
    Math.ceil(((i + 1) * among.length) / FIRST_LAYERS),
  );
  const found = steps.flatMap((place) => among[place - 1]?.name ?? []);
  return [...new Set([INPUTS, ...own, ...found])];
}

/** The example in the address and those that follow it in the list. */
function firstExamples(count: number): string[] {
  const index = exampleIndex.value;
  if (index === null) return [];
  const items = examples.value.items.map((item) => item.index);
  const place = items.indexOf(index);
  const after = items.slice(place + 1).concat(items.slice(0, Math.max(0, place)));
  return [...new Set([index, ...after])].slice(0, count).map(String);
}

export function baselineId(input: string, baseline: string): string {
  return `${encodeURIComponent(input)}:${baseline}`;
}

/** A name as the address has it, where spaces stand between columns. */
export function textId(name: string): string {
  return encodeURIComponent(name);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // someone wrote the address by hand
  }
}

// What a column asks for

export function columnOf(id: string, kind: Kind, now: Settings): Column {
  switch (kind) {
    case "methods":
      return methodColumn(id, now);
    case "targets":
      return targetColumn(id, now);
    case "baselines":
      return baselineColumn(id, now);
    case "models":
      return modelColumn(id, now);
    case "layers":
      return layerColumn(id, now);
    default:
      return exampleColumn(id, now);
  }
}

/** The parameters and the layer in the address belong to the method in the address. */
function methodColumn(id: string, now: Settings): Column {
  const own = id === now.method ? now : { ...now, method: id, params: {}, layer: "" };
  const title = methodTitle(id);
  return asColumn({ id, title, short: shortName(title), note: "" }, own);
}

function methodTitle(id: string): string {
  const info = board.value;
  return (info && methodOf(info, id)?.title) ?? id;
}

function targetColumn(id: string, now: Settings): Column {
  const spec = parseTarget(id);
  const names = namesOf(id);
  const title = names.join(" rather than ");
  const name = { id, title, short: shortContrast(names), note: "" };
  if (spec === null)
    return without(name, `“${id}” is no target. Remove this column and add another.`);
  const own = spec === predicted.value ? null : spec;
  return asColumn(name, now, { of: own, link: { target: own === null ? null : id } });
}

/** The names of the class, or of the two that are contrasted. */
function namesOf(id: string): string[] {
  const output = board.value?.output;
  const names = output?.names ?? [];
  const width = predictionOf()?.places?.shape[1] ?? 1;
  const places = placesNow.value;
  if (places) {
    return id.split("~").map((text) => {
      const index = flatId(places, text);
      const listed = headAt(places, placeOf(places, index)).names.length > 0;
      const known = listed ? undefined : scores.value.find((score) => score.index === index)?.name;
      return known ?? targetName(places, index, width);
    });
  }
  return id.split("~").map((index) => names[Number(index)] ?? `class ${index}`);
}

function flatId(places: PlacesInfo, text: string): number {
  return flatIndex(places, text.split(",").map(Number)) ?? 0;
}

function baselineColumn(id: string, now: Settings): Column {
  const cut = id.indexOf(":");
  const name = decoded(id.slice(0, cut));
  const choice = id.slice(cut + 1);
  const input = board.value?.inputs.find((known) => known.name === name);
  if (!input) {
    const problem = `This board has no input “${name}”. Remove this column and add another.`;
    return without({ id, title: id, short: id, note: "" }, problem);
  }
  const example = exampleOf(choice);
  const known = input.baselines.find((baseline) => baseline.id === choice)?.title ?? choice;
  const title = example === null ? known : `Example ${example}`;
  const next = { ...now, baseline: { ...now.baseline, [name]: choice } };
  return asColumn({ id, title, short: shortName(title), note: name }, next);
}

/** Each model is explained for what it predicts itself, unless the address names a class. */
function modelColumn(id: string, now: Settings): Column {
  const model = decoded(id);
  const name = { id, title: model, short: shortName(model), note: saidBy(model) };
  if (!board.value?.models.some((known) => known.name === model))
    return without(name, `This board has no model “${model}”. Remove this column and add another.`);
  return asColumn(name, now, { of: parseTarget(query.value.target), model, link: { model } });
}

/** What a model predicts for the example on screen. */
function saidBy(model: string): string {
  const found = detail.value?.predictions.find((prediction) => prediction.model === model);
  const [first] = found?.scores ?? [];
  if (!found || !first) return found?.error ?? "";
  const share = first.probability === null ? "" : ` ${probability(first.probability)}`;
  return `predicts ${first.name}${share}`;
}

function layerColumn(id: string, now: Settings): Column {
  const layer = id === INPUTS ? "" : id;
  const info = layers.value.find(({ name }) => name === layer);
  const title = layer === "" ? "The inputs" : layer;
  const name = { id, title, short: layer === "" ? "In" : layer, note: info ? shapeOf(info) : "" };
  if (layer !== "" && !info)
    return without(name, `This model has no layer “${layer}”. Remove this column and add another.`);
  const method = board.value && methodOf(board.value, now.method);
  if (method && layer !== "" && !method.sites.includes("layer"))
    return without(name, `${method.title} explains the inputs alone. Choose another method above.`);
  if (method?.needs_layer && layer === "")
    return without(name, `${method.title} explains layers alone. Remove this column.`);
  return asColumn(name, { ...now, layer });
}

export function shapeOf({ type, shape }: LayerInfo): string {
  return `${type} ${shape.join(" × ")}`;
}

/** Each example is explained for its own prediction, unless the address names a class. */
function exampleColumn(id: string, now: Settings): Column {
  const example = /^\d+$/.test(id) ? Number(id) : -1;
  const size = board.value?.size ?? 0;
  const name = { id, title: `#${id}`, short: `#${id}`, note: noteOf(example) };
  if (example < 0 || example >= size)
    return without(name, `There is no example ${id}: give a number from 0 to ${size - 1}.`);
  const error = detailAt(example)?.error;
  if (error) return without(name, `${error.title} ${error.detail ?? ""}`);
  const of = parseTarget(query.value.target);
  return asColumn(name, now, { of, example, link: { example } });
}

function noteOf(example: number): string {
  const found = example === detail.value?.index ? detail.value : detailAt(example)?.value;
  if (!found) return "";
  const said = found.predictions.find(({ model }) => model === modelName.value)?.scores[0];
  const label = joined(found.label_name);
  return [label === null ? "" : `label ${label}`, said ? `predicted ${said.name}` : ""]
    .filter(Boolean)
    .join(" · ");
}

type Name = Pick<Column, "id" | "title" | "short" | "note">;

interface Asked {
  /** Left out: the one in the address. */
  of?: TargetSpec;
  model?: string;
  example?: number;
  /** Further changes of the address that opens the same in Explain. */
  link?: Patch;
}

function without(name: Name, problem: string): Column {
  return { ...name, example: exampleIndex.value, request: null, problem, link: {} };
}

function asColumn(name: Name, now: Settings, asked: Asked = {}): Column {
  const info = board.value;
  const example = asked.example ?? exampleIndex.value;
  const model = asked.model ?? modelName.value;
  const known = model === null ? [] : layersOf(model);
  const link = { ...(info ? settingsPatch(query.value, info, now) : {}), ...asked.link };
  const problem = problemOf(now, known);
  if (!info || example === null || problem !== null)
    return { ...name, example, request: null, problem, link };
  const { parts } = requestParts(info, now, known);
  const of = asked.of === undefined ? target.value : asked.of;
  const request = { examples: [example], model, target: of ?? null, ...parts };
  const note = parts.layer && !name.note ? `at ${parts.layer}` : name.note;
  return { ...name, note, example, request, problem: null, link };
}

function problemOf(now: Settings, known: readonly LayerInfo[]): string | null {
  const info = board.value;
  const method = info && methodOf(info, now.method);
  if (!method) return `This board has no method called ${now.method}.`;
  const reason = reasonAgainst(method, known);
  if (reason !== null) return `${method.title} cannot run here: ${reason}`;
  const problems = Object.entries(requestParts(info, now, known).problems);
  return problems.length ? problems.map(([name, text]) => `${name}: ${text}`).join(" ") : null;
}
