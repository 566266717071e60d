// A class at each pixel, in colours that tell classes apart, over the greyed picture.

import { css, kindColour, type Rgb } from "../lib/palette";
import { WHOLE, type Zoom } from "../lib/zoom";
import { blank, drawGreyed, drawScaled, fill, prepared } from "./draw";
import type { Picture } from "./picture";

const OPACITY = 0.78;

export interface ClassMap {
  readonly width: number;
  readonly height: number;
  /** Row by row; below 0 where there is none. */
  readonly classes: readonly number[];
}

/** `bare`: the class that has no colour. `only`: which pixels are drawn, all where it is null. */
export function drawClasses(
  canvas: HTMLCanvasElement,
  picture: Picture | null,
  map: ClassMap,
  bare: number | null,
  only: ((pixel: number) => boolean) | null,
  neutral: Rgb,
  zoom: Zoom = WHOLE,
): void {
  const context = prepared(canvas, zoom);
  if (!context) return;
  fill(context, css(neutral), 1);
  if (picture) drawGreyed(context, picture, css(neutral), false);
  const layer = blank(map.width, map.height);
  const pixels = new ImageData(classPixels(map, bare, only), map.width, map.height);
  layer.getContext("2d")?.putImageData(pixels, 0, 0);
  drawScaled(context, layer, map.width, false);
}

/** One RGBA pixel a class, not premultiplied. */
export function classPixels(
  { classes }: ClassMap,
  bare: number | null,
  only: ((pixel: number) => boolean) | null,
): Uint8ClampedArray<ArrayBuffer> {
  const bytes = new Uint8ClampedArray(4 * classes.length);
  classes.forEach((kind, i) => {
    if (kind < 0 || kind === bare || (only && !only(i))) return;
    bytes.set(kindColour(kind), 4 * i);
    bytes[4 * i + 3] = 255 * OPACITY;
  });
  return bytes;
}
