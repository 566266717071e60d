// Mean maps of a class over the mean of its pictures, one cell a pixel; the browser enlarges them.

import { diverging, mix, type Palette, type Rgb } from "../lib/palette";
import type { NumericArray } from "../lib/safetensors";
import { shareOf } from "../lib/scale";

/** How much of the greyed mean picture shows through where nothing counts. */
const GHOST = 0.45;

/** The attribution in colours, (H, W), over the mean picture, (H, W, 3) of 0 to 1. */
export function drawMean(
  canvas: HTMLCanvasElement,
  map: NumericArray,
  shown: NumericArray | undefined,
  limit: number,
  palette: Palette,
): void {
  paint(canvas, map, (place) => {
    const share = shareOf(map.data[place] ?? 0, limit, "both");
    const colour = diverging(palette, share);
    if (!shown) return colour;
    const grey = 255 * brightness(shown, place);
    return mix(mix(palette.neutral, [grey, grey, grey], GHOST), colour, Math.abs(share) ** 0.6);
  });
}

/** The mean picture itself, (H, W, 3). */
export function drawShown(canvas: HTMLCanvasElement, shown: NumericArray): void {
  paint(
    canvas,
    shown,
    (place) => [0, 1, 2].map((c) => 255 * (shown.data[3 * place + c] ?? 0)) as unknown as Rgb,
  );
}

function brightness({ data }: NumericArray, place: number): number {
  return ((data[3 * place] ?? 0) + (data[3 * place + 1] ?? 0) + (data[3 * place + 2] ?? 0)) / 3;
}

function paint(canvas: HTMLCanvasElement, array: NumericArray, colour: (place: number) => Rgb) {
  const [height = 1, width = 1] = array.shape;
  canvas.width = width;
  canvas.height = height;
  const pixels = new ImageData(width, height);
  for (let place = 0; place < width * height; place++) {
    const [red, green, blue] = colour(place);
    pixels.data.set([red, green, blue, 255], 4 * place);
  }
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}
