// Drawing of one channel of a series: its line on stripes of the colours of its attributions.

import { css, diverging, type Palette, sequential } from "../lib/palette";
import { shareOf } from "../lib/scale";

export interface SeriesStyle {
  palette: Palette;
  limit: number;
  unsigned: boolean;
}

/** `columns` of `each` values behind the line; null before anything is computed. */
export interface Stripes {
  columns: Float64Array;
  each: number;
}

export type Line = readonly (readonly [number, number])[];

const EDGE = 4;

export function drawChannel(
  canvas: HTMLCanvasElement,
  line: Line,
  length: number,
  stripes: Stripes | null,
  style: SeriesStyle,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = canvas;
  context.fillStyle = css(style.palette.neutral);
  context.fillRect(0, 0, width, height);
  if (stripes) drawStripes(context, stripes, length, style);
  if (line.length) drawLine(context, line, length, style.palette);
}

function drawStripes(
  context: CanvasRenderingContext2D,
  { columns, each }: Stripes,
  length: number,
  { palette, limit, unsigned }: SeriesStyle,
): void {
  const { width, height } = context.canvas;
  columns.forEach((value, column) => {
    const share = shareOf(value, limit, unsigned ? "absolute" : "both");
    context.fillStyle = css(
      unsigned ? sequential(palette, "violet", share) : diverging(palette, share),
    );
    const from = Math.round(((column * each) / length) * width);
    const to = Math.round((Math.min(length, (column + 1) * each) / length) * width);
    context.fillRect(from, 0, to - from, height);
  });
}

/** In ink, with a halo of the ground so that it is read on any colour. */
function drawLine(
  context: CanvasRenderingContext2D,
  line: Line,
  length: number,
  palette: Palette,
): void {
  const { width, height } = context.canvas;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [, value] of line) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const edge = EDGE * devicePixelRatio;
  const y = (value: number) =>
    most > least
      ? height - edge - ((value - least) / (most - least)) * (height - 2 * edge)
      : height / 2;
  context.beginPath();
  if (line.length === 1) {
    context.moveTo(0, y(line[0]![1]));
    context.lineTo(width, y(line[0]![1]));
  }
  line.forEach(([step, value], i) => {
    const x = ((step + 0.5) / length) * width;
    if (i === 0) context.moveTo(x, y(value));
    else context.lineTo(x, y(value));
  });
  context.lineJoin = "round";
  const ink = css(sequential(palette, "grey", 1));
  for (const [colour, wide, alpha] of [
    [css(palette.neutral), 3.2, 0.55],
    [ink, 1.3, 1],
  ] as const) {
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.lineWidth = wide * devicePixelRatio;
    context.stroke();
  }
  context.globalAlpha = 1;
}
