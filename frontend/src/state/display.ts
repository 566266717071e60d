// How attributions are drawn. Kept in the address; changing it asks nothing of the server.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { formatSlice, type Slice } from "../lib/matrix";
import type { Sequential } from "../lib/palette";
import type { Sign } from "../lib/scale";
import type { UnitKind } from "../lib/words";
import { formatZoom, parseZoom, type Zoom } from "../lib/zoom";
import { decimal, navigate, type Query, query } from "./url";

export type DrawMode = "heat" | "blend" | "mask" | "contour";
/** Each input in its own scale, or all in one. */
export type ScaleKind = "own" | "shared";
export type Measure = "net" | "magnitude" | "shapley";

export interface Display {
  readonly mode: DrawMode;
  readonly sign: Sign;
  /** The map of strengths, where signs are left out. */
  readonly strengths: Sequential;
  /** 0..100. */
  readonly opacity: number;
  /** The percentile drawn in full colour, 90..100. */
  readonly clip: number;
  readonly smooth: boolean;
  readonly measure: Measure;
  readonly scale: ScaleKind;
  /** Original left of this percentage and attribution right of it, in one frame; null side by side. */
  readonly swipe: number | null;
  /** A text's tokens one by one, or those of a word together. */
  readonly units: UnitKind;
}

const DEFAULTS: Display = {
  mode: "blend",
  sign: "both",
  strengths: "violet",
  opacity: 90,
  clip: 99,
  smooth: false,
  measure: "shapley",
  scale: "own",
  swipe: null,
  units: "tokens",
};

const NAMES: Readonly<Record<keyof Display, string>> = {
  mode: "draw",
  sign: "sign",
  strengths: "colours",
  opacity: "opacity",
  clip: "clip",
  smooth: "smooth",
  measure: "measure",
  scale: "scale",
  swipe: "swipe",
  units: "units",
};

export function readDisplay(values: Query): Display {
  return {
    mode: oneOf(values[NAMES.mode], ["heat", "blend", "mask", "contour"], DEFAULTS.mode),
    sign: oneOf(values[NAMES.sign], ["both", "positive", "negative", "absolute"], DEFAULTS.sign),
    strengths: oneOf(values[NAMES.strengths], ["violet", "viridis", "grey"], DEFAULTS.strengths),
    opacity: within(decimal(values, NAMES.opacity), 0, 100, DEFAULTS.opacity),
    clip: within(decimal(values, NAMES.clip), 90, 100, DEFAULTS.clip),
    smooth: values[NAMES.smooth] === "true",
    measure: oneOf(values[NAMES.measure], ["net", "magnitude", "shapley"], DEFAULTS.measure),
    scale: oneOf(values[NAMES.scale], ["own", "shared"], DEFAULTS.scale),
    swipe: swipeOf(decimal(values, NAMES.swipe)),
    units: oneOf(values[NAMES.units], ["tokens", "words"], DEFAULTS.units),
  };
}

function swipeOf(value: number | null): number | null {
  return value === null ? null : Math.min(100, Math.max(0, value));
}

function oneOf<T extends string>(text: string | undefined, known: readonly T[], otherwise: T): T {
  return known.find((name) => name === text) ?? otherwise;
}

function within(value: number | null, least: number, most: number, otherwise: number): number {
  return value === null ? otherwise : Math.min(most, Math.max(least, value));
}

export const display: ReadonlySignal<Display> = computed(() => readDisplay(query.value));

/** Changes how things are drawn. No step of its own for the back button: that goes between results. */
export function draw<K extends keyof Display>(name: K, value: Display[K]): void {
  navigate({ [NAMES[name]]: value === DEFAULTS[name] ? null : String(value) }, "replace");
}

/** What of every picture is in sight: pictures are zoomed and moved in step. */
export const zoom: ReadonlySignal<Zoom> = computed(() => parseZoom(query.value.zoom));

export function look(next: Zoom): void {
  navigate({ zoom: formatZoom(next) }, "replace");
}

const SLICE = "slice.";

/** The slice of a tensor on screen, as the address has it. */
export function sliceText(input: string): string | undefined {
  return query.value[SLICE + input];
}

export function cut(input: string, slice: Slice): void {
  navigate({ [SLICE + input]: formatSlice(slice) }, "replace");
}

const ALONG = "along.";

/** The dimension that a tensor's slices are summed along, as the address has it. */
export function alongOf(input: string): number {
  return Number(query.value[ALONG + input] ?? 0);
}

export function sumAlong(input: string, dimension: number): void {
  navigate({ [ALONG + input]: dimension === 0 ? null : dimension }, "replace");
}

/** What is coloured of a segmented picture. */
export type Coloured = "predicted" | "label" | "wrong";

export const coloured: ReadonlySignal<Coloured> = computed(() =>
  oneOf(query.value.coloured, ["predicted", "label", "wrong"], "predicted"),
);

export function colour(what: Coloured): void {
  navigate({ coloured: what === "predicted" ? null : what }, "replace");
}

/** A feature under the pointer, shown wherever it appears. */
export interface Pointed {
  readonly input: string;
  readonly id: string;
}

const pointed = signal<Pointed | null>(null);

export const pointedFeature: ReadonlySignal<Pointed | null> = pointed;

export function point(feature: Pointed | null): void {
  const before = pointed.peek();
  if (before?.input !== feature?.input || before?.id !== feature?.id) pointed.value = feature;
}
