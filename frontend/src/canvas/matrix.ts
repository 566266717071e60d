// Drawing of rows of numbers as cells of colour.

import type { Matrix } from "../lib/matrix";
import { diverging, type Palette, type Rgb, sequential } from "../lib/palette";
import { shareOf } from "../lib/scale";

/** What a number's colour is. */
export type Shade = (value: number) => Rgb;

/** Greys from the least to the most. */
export function greys(palette: Palette, least: number, most: number): Shade {
  return (value) =>
    sequential(
      palette,
      "grey",
      most > least ? 0.05 + (0.95 * (value - least)) / (most - least) : 0.5,
    );
}

/** The colours of attributions. */
export function strengths(palette: Palette, limit: number, unsigned: boolean): Shade {
  return (value) => {
    const share = shareOf(value, limit, unsigned ? "absolute" : "both");
    return unsigned ? sequential(palette, "violet", share) : diverging(palette, share);
  };
}

/** One pixel a number; the page scales it. What is no number is left open. */
export function drawMatrix(canvas: HTMLCanvasElement, matrix: Matrix, shade: Shade): void {
  const { rows, columns, values } = matrix;
  const context = canvas.getContext("2d");
  if (!context || !rows || !columns) return;
  canvas.width = columns;
  canvas.height = rows;
  const image = new ImageData(columns, rows);
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    image.data.set([...shade(value).map(Math.round), 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
}
