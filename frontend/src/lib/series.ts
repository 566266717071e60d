// A series' channels and their attributions, cut into columns that a plot can draw.

import type { Feature } from "./attribution";
import type { NumericArray } from "./safetensors";

export interface Plotted {
  /** One number a column of the plot, for each channel. */
  readonly columns: readonly Float64Array[];
  /** One number a column, over all channels. */
  readonly profile: Float64Array;
  /** How many values of the series a column holds, the last one perhaps fewer. */
  readonly each: number;
  /** Values of each channel. */
  readonly length: number;
  /** Each value carries the attribution of the whole feature it belongs to. */
  readonly shared: boolean;
}

/** How time is counted: values in a unit of it; null where it is counted in steps. */
export interface Clock {
  readonly length: number;
  readonly rate: number | null;
  readonly time_unit: string | null;
}

/** More than this many columns cannot be told apart. */
const COLUMNS = 240;
const STRETCHES = 12;
const TICKS = 6;

/**
 * Attributions (channels, time), or (time, channels) with `last`, as columns of the plot: sums of what lies in each;
 * `shared`: means.
 */
export function plotted(
  { data }: NumericArray,
  channels: number,
  last: boolean,
  shared: boolean,
): Plotted {
  const length = channels ? Math.floor(data.length / channels) : 0;
  const each = Math.max(1, Math.ceil(length / COLUMNS));
  const columns = Array.from({ length: channels }, (_, c) => {
    const sums = new Float64Array(Math.ceil(length / each));
    const counts = new Float64Array(sums.length);
    for (let t = 0; t < length; t++) {
      const column = Math.floor(t / each);
      sums[column]! += data[last ? t * channels + c : c * length + t] ?? 0;
      counts[column]! += 1;
    }
    return shared ? sums.map((sum, column) => sum / counts[column]!) : sums;
  });
  return { columns, profile: profileOf(columns, shared), each, length, shared };
}

/** Channels that all carry the same value share one feature: it counts once. */
function profileOf(columns: readonly Float64Array[], shared: boolean): Float64Array {
  const once = shared && together(columns);
  return Float64Array.from(columns[0] ?? [], (first, i) =>
    once ? first : columns.reduce((sum, channel) => sum + channel[i]!, 0),
  );
}

/** Whether the channels carry the same at every time: they were perturbed together. */
function together(columns: readonly Float64Array[]): boolean {
  const [first, ...rest] = columns;
  return rest.every((channel) => channel.every((value, i) => value === first?.[i]));
}

/** The strongest column of all channels: what is drawn in full colour. */
export function strongestOf({ columns }: Plotted): number {
  let most = 0;
  for (const column of columns) for (const value of column) most = Math.max(most, Math.abs(value));
  return most;
}

/** Each channel's sum over time, and its part of the strength of all; null where values are shared. */
export function channelSums({ columns, shared }: Plotted): { sum: number; share: number }[] | null {
  if (shared) return null;
  const strengths = columns.map((channel) => channel.reduce((all, v) => all + Math.abs(v), 0));
  const total = strengths.reduce((all, strength) => all + strength, 0);
  return columns.map((channel, i) => ({
    sum: channel.reduce((all, value) => all + value, 0),
    share: total > 0 ? strengths[i]! / total : 0,
  }));
}

/** The places of the `count` strongest channels, in their own order. */
export function strongestChannels({ columns }: Plotted, count: number): number[] {
  const strength = columns.map((channel) => channel.reduce((all, v) => all + Math.abs(v), 0));
  return [...columns.keys()]
    .sort((a, b) => strength[b]! - strength[a]!)
    .slice(0, count)
    .sort((a, b) => a - b);
}

/** Stretches of time of each channel; whole channels, or times over all channels, where those are the features. */
export function seriesFeatures(
  input: string,
  names: readonly string[],
  found: Plotted,
  clock: Clock,
): Feature[] {
  const { columns, shared, profile } = found;
  if (shared && columns.length > 1 && together(columns))
    return stretches(input, "", profile, found, clock);
  return columns.flatMap((channel, place) => {
    const name = names[place] ?? String(place);
    const whole = shared && channel.every((value) => value === channel[0]);
    return whole
      ? [{ input, id: name, label: name, note: "", value: channel[0] ?? 0 }]
      : stretches(input, name, channel, found, clock);
  });
}

function stretches(
  input: string,
  name: string,
  channel: Float64Array,
  { each, length, shared }: Plotted,
  clock: Clock,
): Feature[] {
  const count = Math.min(STRETCHES, channel.length);
  return Array.from({ length: count }, (_, stretch) => {
    const from = Math.floor((stretch * channel.length) / count);
    const to = Math.floor(((stretch + 1) * channel.length) / count);
    const part = channel.subarray(from, to);
    const sum = part.reduce((all, value) => all + value, 0);
    const times = spanOf(from * each, Math.min(length, to * each), clock);
    return {
      input,
      id: `${name} ${from}-${to}`,
      label: name || times,
      note: name ? times : "",
      value: shared ? sum / part.length : sum,
    };
  });
}

function spanOf(from: number, to: number, { rate, time_unit }: Clock): string {
  if (rate === null) return to - from === 1 ? `step ${from}` : `steps ${from}–${to - 1}`;
  return `${short(from / rate)}–${short(to / rate)} ${time_unit ?? ""}`.trim();
}

/** A place in time in words: "1.25 s", or "step 40" where the rate is not known. */
export function timeOf(step: number, { rate, time_unit }: Clock): string {
  if (rate === null) return `step ${step}`;
  return `${short(step / rate)} ${time_unit ?? ""}`.trim();
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** About six times, at round numbers, with where they lie in 0..1. */
export function ticksOf(clock: Clock): { at: number; text: string }[] {
  const span = clock.length / (clock.rate ?? 1);
  if (!(span > 0)) return [];
  const rough = span / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? span;
  const step = clock.rate === null ? Math.max(1, Math.round(size)) : size;
  return Array.from({ length: Math.ceil(span / step - 1e-9) }, (_, i) => ({
    at: (i * step) / span,
    text: `${short(i * step)} ${clock.rate === null ? "" : (clock.time_unit ?? "")}`.trim(),
  }));
}

/** The value of a line at a step: that of the nearest point which was sent. */
export function valueAt(line: readonly (readonly [number, number])[], step: number): number | null {
  let best: readonly [number, number] | null = null;
  for (const point of line) {
    if (!best || Math.abs(point[0] - step) < Math.abs(best[0] - step)) best = point;
  }
  return best?.[1] ?? null;
}
