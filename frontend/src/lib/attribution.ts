// Attributions as the views need them: maps summed over channels, regions of a picture, the strongest features.

import type { Numbers, NumericArray } from "./safetensors";

/** Attributions of a picture, one number a pixel, row by row. */
export interface ValueMap {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: Float32Array;
}

/** A part of a picture: columns x0..x1 and rows y0..y1, ends not included. */
export interface Region {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface Feature {
  readonly input: string;
  readonly id: string;
  readonly label: string;
  /** What tells it apart from others of the same label. */
  readonly note: string;
  readonly value: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Whether an array of a picture of this size has its channels last. */
function isChannelsLast(shape: readonly number[], { width, height }: Size): boolean {
  const [first, second, third] = shape;
  const isFirst = second === height && third === width;
  return shape.length === 3 && first === height && second === width && !isFirst;
}

/**
 * (channels, height, width), (height, width, channels) or (height, width) as one number a pixel; null for any other
 * shape. `size`: the picture's, which tells the channels' place. Channels are summed; `shared`: averaged, since each
 * carries the value of the feature they share.
 */
export function mapOf(array: NumericArray, shared = false, size?: Size): ValueMap | null {
  const { shape, data } = array;
  if (shape.length !== 2 && shape.length !== 3) return null;
  const last = size !== undefined && isChannelsLast(shape, size);
  const [height, width] = (last ? shape.slice(0, 2) : shape.slice(-2)) as [number, number];
  const channels = shape.length === 3 ? shape[last ? 2 : 0]! : 1;
  const values = new Float32Array(height * width);
  const weight = shared ? 1 / channels : 1;
  for (let i = 0; i < channels * values.length; i++) {
    values[last ? Math.floor(i / channels) : i % values.length]! += weight * data[i]!;
  }
  return { width, height, channels, values };
}

/** One number a token: (length,) as it is, (length, width) summed over the width. */
export function perToken({ shape, data }: NumericArray): Numbers {
  const length = shape[0] ?? 0;
  const width = length ? data.length / length : 0;
  if (width === 1) return data;
  const sums = new Float64Array(length);
  for (let i = 0; i < data.length; i++) sums[Math.floor(i / width)]! += data[i]!;
  return sums;
}

/** The attribution of each channel at one pixel. */
export function channelsAt(array: NumericArray, map: ValueMap, x: number, y: number): number[] {
  const place = y * map.width + x;
  const [start, step] = isChannelsLast(array.shape, map)
    ? [place * map.channels, 1]
    : [place, map.width * map.height];
  return Array.from({ length: map.channels }, (_, c) => array.data[start + c * step]!);
}

/** The picture is cut into at most this many regions a side. */
const PER_SIDE = 8;

function stepOf(map: ValueMap): number {
  return Math.max(1, Math.ceil(Math.max(map.width, map.height) / PER_SIDE));
}

/** The picture cut into regions, all of one size but for the last of a row or column. */
export function regionsOf(map: ValueMap): Region[] {
  const step = stepOf(map);
  const regions: Region[] = [];
  for (let y = 0; y < map.height; y += step) {
    for (let x = 0; x < map.width; x += step) regions.push(regionAt(map, x, y));
  }
  return regions;
}

/** The region that a pixel lies in. */
export function regionAt(map: ValueMap, x: number, y: number): Region {
  const step = stepOf(map);
  const [x0, y0] = [x - (x % step), y - (y % step)];
  return { x0, y0, x1: Math.min(map.width, x0 + step), y1: Math.min(map.height, y0 + step) };
}

function areaOf({ x0, y0, x1, y1 }: Region): number {
  return (x1 - x0) * (y1 - y0);
}

export function sumIn(map: ValueMap, region: Region): number {
  let sum = 0;
  for (let y = region.y0; y < region.y1; y++) {
    for (let x = region.x0; x < region.x1; x++) sum += map.values[y * map.width + x]!;
  }
  return sum;
}

/** Where a region lies, in words: "top left", "centre", "bottom". */
export function placeOf(map: ValueMap, region: Region): string {
  const row = third((region.y0 + region.y1) / 2 / map.height, ["top", "middle", "bottom"]);
  const column = third((region.x0 + region.x1) / 2 / map.width, ["left", "centre", "right"]);
  if (column === "centre") return row === "middle" ? "centre" : row;
  return row === "middle" ? column : `${row} ${column}`;
}

function third(share: number, words: readonly [string, string, string]): string {
  return words[Math.min(2, Math.floor(share * 3))]!;
}

export function regionId(region: Region): string {
  return `${region.x0},${region.y0},${region.x1},${region.y1}`;
}

export function parseRegion(id: string): Region | null {
  const parts = id.split(",").map(Number);
  if (parts.length !== 4 || parts.some(Number.isNaN)) return null;
  const [x0, y0, x1, y1] = parts as [number, number, number, number];
  return { x0, y0, x1, y1 };
}

/**
 * Regions by where they lie, with their columns and rows. `shared`: a region's value is the mean over it, as each pixel
 * carries the value of its whole feature.
 */
export function pictureFeatures(input: string, map: ValueMap, shared = false): Feature[] {
  return regionsOf(map).map((region) => ({
    input,
    id: regionId(region),
    label: placeOf(map, region),
    note: `${span(region.x0, region.x1)}, ${span(region.y0, region.y1)}`,
    value: sumIn(map, region) / (shared ? areaOf(region) : 1),
  }));
}

function span(from: number, to: number): string {
  return to - from === 1 ? `${from}` : `${from}–${to - 1}`;
}

/** A column of a table: its name, its value in words, and where its numbers stand in the row. */
export interface Part {
  readonly name: string;
  readonly note: string;
  readonly start: number;
  readonly width: number;
}

/** One number a column: the sum over its numbers. `shared`: their mean, as each carries the value of the whole. */
export function columnFeatures(
  input: string,
  parts: readonly Part[],
  { data }: NumericArray,
  shared = false,
): Feature[] {
  return parts.map(({ name, note, start, width }) => {
    let sum = 0;
    for (let i = start; i < start + width; i++) sum += data[i] ?? 0;
    return { input, id: name, label: name, note, value: shared && width ? sum / width : sum };
  });
}

/** Elements of an array of any other shape, by their place in it: "[2]" or "[0, 3]". */
export function elementFeatures(input: string, array: NumericArray): Feature[] {
  return Array.from(array.data, (value, i) => {
    const place = placeIn(array.shape, i);
    return {
      input,
      id: String(i),
      label: `[${place.join(", ")}]`,
      note: "",
      value,
    };
  });
}

/**
 * A layer's channels, each summed over its places: (channels, ...) by the first dimension, tokens (length, channels)
 * by the last, and (units) as they are.
 */
export function channelFeatures(layer: string, { shape, data }: NumericArray): Feature[] {
  const last = shape.length === 2;
  const count = (last ? shape[1] : shape[0]) ?? 0;
  const each = count ? data.length / count : 0;
  const sums = new Float64Array(count);
  for (let i = 0; i < data.length; i++) sums[last ? i % count : Math.floor(i / each)]! += data[i]!;
  const name = shape.length > 1 ? "channel" : "unit";
  return Array.from(sums, (value, i) => ({
    input: layer,
    id: String(i),
    label: `${name} ${i}`,
    note: "",
    value,
  }));
}

function placeIn(shape: readonly number[], index: number): number[] {
  const place: number[] = [];
  for (const size of [...shape].reverse()) {
    place.unshift(index % size);
    index = Math.floor(index / size);
  }
  return place;
}

/** The `count` features with the greatest strength, strongest first; what is zero is left out. */
export function strongest(features: readonly Feature[], count: number): Feature[] {
  return features
    .filter((feature) => feature.value !== 0 && !Number.isNaN(feature.value))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, count);
}
