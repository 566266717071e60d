// Attributions of a clip: frame by frame, how much each frame carries, and the tubes that count most.

import {
  type Feature,
  placeOf,
  type Region,
  regionId,
  regionsOf,
  sumIn,
  type ValueMap,
} from "./attribution";
import type { NumericArray } from "./safetensors";
import { limitAt } from "./scale";

/** One number a pixel of each frame, frame after frame and row by row; channels are summed. */
export interface Volume {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: Float32Array;
}

/** How a layer over time and space lays out its channels and places. */
export const LAYER = "CTHW";

/** What speaks for the target in one frame, and what against it (zero or below). */
export interface Moment {
  readonly for: number;
  readonly against: number;
}

/** How far apart neighbours along T, C, H and W lie in an array of that layout, such as "CTHW", and how many there are. */
function axesOf(shape: readonly number[], layout: string) {
  const found: Record<string, { size: number; step: number }> = {};
  let step = 1;
  for (let axis = layout.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    found[layout[axis]!] = { size, step };
    step *= size;
  }
  const of = (letter: string) => found[letter] ?? { size: 1, step: 0 };
  return { t: of("T"), c: of("C"), y: of("H"), x: of("W") };
}

const known = new WeakMap<NumericArray, Map<string, Volume>>();

/**
 * An array in `layout` as frames, read once; null for another shape. `shared`: channels are averaged, since each carries
 * the same.
 */
export function volumeOf(array: NumericArray, layout: string, shared = false): Volume | null {
  if (array.shape.length !== layout.length) return null;
  const read = known.get(array) ?? new Map<string, Volume>();
  known.set(array, read);
  const name = `${layout} ${shared}`;
  const volume = read.get(name) ?? readVolume(array, layout, shared);
  read.set(name, volume);
  return volume;
}

const limits = new WeakMap<Volume, Map<number, number>>();
/** Beyond so many numbers a percentile is that of every so manieth. */
const COUNTED = 500_000;

/** The strength below which `percent` of a whole clip's strengths lie. */
export function volumeLimit(volume: Volume, percent: number): number {
  const found = limits.get(volume) ?? new Map<number, number>();
  limits.set(volume, found);
  const limit = found.get(percent) ?? limitAt(thinned(volume.values), percent);
  found.set(percent, limit);
  return limit;
}

function thinned(values: Float32Array): Float32Array {
  const step = Math.ceil(values.length / COUNTED);
  if (step <= 1) return values;
  return Float32Array.from(
    { length: Math.floor(values.length / step) },
    (_, i) => values[i * step]!,
  );
}

function readVolume({ shape, data }: NumericArray, layout: string, shared: boolean): Volume {
  const { t, c, y, x } = axesOf(shape, layout);
  const values = new Float32Array(t.size * y.size * x.size);
  const weight = shared ? 1 / c.size : 1;
  let place = 0;
  for (let frame = 0; frame < t.size; frame++) {
    for (let row = 0; row < y.size; row++) {
      for (let column = 0; column < x.size; column++) {
        const at = frame * t.step + row * y.step + column * x.step;
        let sum = 0;
        for (let channel = 0; channel < c.size; channel++) sum += data[at + channel * c.step] ?? 0;
        values[place++] = weight * sum;
      }
    }
  }
  return { frames: t.size, width: x.size, height: y.size, channels: c.size, values };
}

/** One frame as a picture's map. */
export function frameMap(
  { frames, width, height, channels, values }: Volume,
  frame: number,
): ValueMap {
  const size = width * height;
  const start = Math.min(frames - 1, Math.max(0, frame)) * size;
  return { width, height, channels, values: values.subarray(start, start + size) };
}

/** One frame of the array itself, (channels, height, width). */
export function frameArray(array: NumericArray, layout: string, frame: number): NumericArray {
  const { t, c, y, x } = axesOf(array.shape, layout);
  const data = new Float32Array(c.size * y.size * x.size);
  let place = 0;
  for (let channel = 0; channel < c.size; channel++) {
    for (let row = 0; row < y.size; row++) {
      for (let column = 0; column < x.size; column++) {
        data[place++] =
          array.data[frame * t.step + channel * c.step + row * y.step + column * x.step] ?? 0;
      }
    }
  }
  return { ...array, shape: [c.size, y.size, x.size], data };
}

/** Each frame's sum for and against; `shared`: its mean, since each pixel carries the value of its whole feature. */
export function profileOf(volume: Volume, shared = false): Moment[] {
  const size = volume.width * volume.height;
  return Array.from({ length: volume.frames }, (_, frame) => {
    let [up, down] = [0, 0];
    for (let i = frame * size; i < (frame + 1) * size; i++) {
      const value = volume.values[i]!;
      if (value > 0) up += value;
      else if (value < 0) down += value;
    }
    return shared ? { for: up / size, against: down / size } : { for: up, against: down };
  });
}

/** How far the profile reaches up and down from zero. */
export function heights(profile: readonly Moment[]): { above: number; below: number } {
  return {
    above: Math.max(0, ...profile.map((moment) => moment.for)),
    below: Math.max(0, ...profile.map((moment) => -moment.against)),
  };
}

/** The frame with the greatest strength, the first of equals; 0 where there is none. */
export function strongestFrame(profile: readonly Moment[]): number {
  let best = 0;
  profile.forEach((moment, frame) => {
    if (strength(moment) > strength(profile[best]!)) best = frame;
  });
  return best;
}

function strength(moment: Moment): number {
  return moment.for - moment.against;
}

/** A layer may see fewer times than there are frames: which of `among` parts the middle of one of `of` lies in. */
export function placeIn(place: number, of: number, among: number): number {
  return Math.min(among - 1, Math.floor(((place + 0.5) / of) * among));
}

/** A profile of fewer times, each repeated for its frames. */
export function stretched(profile: readonly Moment[], frames: number): Moment[] {
  return Array.from({ length: frames }, (_, i) => profile[placeIn(i, frames, profile.length)]!);
}

/** The frames at the middle of `count` equal parts of a clip, for a strip of them. */
export function stripOf(frames: number, count: number): number[] {
  const tiles = Math.max(1, Math.min(frames, count));
  return Array.from({ length: tiles }, (_, i) => Math.floor(((2 * i + 1) * frames) / (2 * tiles)));
}

/** "frame 9 of 16, 1.00 s"; frames count from 0, as in the tensor. */
export function frameText(frame: number, frames: number, rate: number | null): string {
  const time = rate === null ? "" : `, ${(frame / rate).toFixed(2)} s`;
  return `frame ${frame} of ${frames}${time}`;
}

/** The frame that plays so many milliseconds after `from`. Past the last one it begins anew, or stays there. */
export function frameAfter(
  from: number,
  milliseconds: number,
  rate: number,
  frames: number,
  loop: boolean,
): number {
  const gone = from + Math.floor((milliseconds / 1000) * rate);
  return loop ? gone % frames : Math.min(frames - 1, gone);
}

/** The clip is cut into at most this many slices of time. */
const SLICES = 8;

export interface Tube extends Region {
  readonly t0: number;
  readonly t1: number;
}

function tubeId(tube: Tube): string {
  return `${regionId(tube)},${tube.t0},${tube.t1}`;
}

export function parseTube(id: string): Tube | null {
  const parts = id.split(",").map(Number);
  if (parts.length !== 6 || parts.some(Number.isNaN)) return null;
  const [x0, y0, x1, y1, t0, t1] = parts as [number, number, number, number, number, number];
  return { x0, y0, x1, y1, t0, t1 };
}

function stepOf(frames: number): number {
  return Math.max(1, Math.ceil(frames / SLICES));
}

/** The tube that a pixel of a frame lies in. */
export function tubeAt(volume: Volume, region: Region, frame: number): string {
  const step = stepOf(volume.frames);
  const t0 = frame - (frame % step);
  return tubeId({ ...region, t0, t1: Math.min(volume.frames, t0 + step) });
}

/** Squares of the picture through slices of time, by where and when they are; `shared`: their mean. */
export function tubeFeatures(input: string, volume: Volume, shared = false): Feature[] {
  const step = stepOf(volume.frames);
  const first = frameMap(volume, 0);
  const maps = Array.from({ length: volume.frames }, (_, frame) => frameMap(volume, frame));
  const features: Feature[] = [];
  for (let t0 = 0; t0 < volume.frames; t0 += step) {
    const t1 = Math.min(volume.frames, t0 + step);
    for (const region of regionsOf(first)) {
      let sum = 0;
      for (let frame = t0; frame < t1; frame++) sum += sumIn(maps[frame]!, region);
      const size = (t1 - t0) * (region.x1 - region.x0) * (region.y1 - region.y0);
      features.push({
        input,
        id: tubeId({ ...region, t0, t1 }),
        label: t1 - t0 === 1 ? `frame ${t0}` : `frames ${t0}–${t1 - 1}`,
        note: placeOf(first, region),
        value: shared ? sum / size : sum,
      });
    }
  }
  return features;
}
