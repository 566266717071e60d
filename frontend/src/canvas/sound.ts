// Drawing of a waveform and of a spectrogram with the attributions behind or over them.

import { css, diverging, mix, type Palette, sequential } from "../lib/palette";
import { shareOf } from "../lib/scale";
import { melShare, type SoundMap } from "../lib/sound";

export interface SoundStyle {
  palette: Palette;
  limit: number;
  unsigned: boolean;
}

function colourOf(value: number, { palette, limit, unsigned }: SoundStyle) {
  const share = shareOf(value, limit, unsigned ? "absolute" : "both");
  return unsigned ? sequential(palette, "violet", share) : diverging(palette, share);
}

/** The envelope in ink on stripes of the profile's colours. */
export function drawWave(
  canvas: HTMLCanvasElement,
  envelope: readonly (readonly [number, number])[],
  map: SoundMap | null,
  style: SoundStyle,
  ink: string,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = canvas;
  context.fillStyle = css(style.palette.neutral);
  context.fillRect(0, 0, width, height);
  map?.profile.forEach((value: number, column: number) => {
    context.fillStyle = css(colourOf(value, style));
    const [from, to] = [column, column + 1].map((at) => Math.round((at / map.columns) * width));
    context.fillRect(from!, 0, to! - from!, height);
  });
  const loudest = Math.max(1e-9, ...envelope.map(([low, high]) => Math.max(-low, high)));
  context.fillStyle = ink;
  envelope.forEach(([low, high], i) => {
    const x = (i / envelope.length) * width;
    const top = height / 2 - (high / loudest) * (height / 2 - 2);
    const tall = Math.max(1, ((high - low) / loudest) * (height / 2 - 2));
    context.fillRect(x, top, Math.max(1, (width / envelope.length) * 0.7), tall);
  });
}

interface Spectrogram {
  rows: number;
  columns: number;
  top: number;
  values: readonly number[];
}

/** Loudness in grey under the attributions of each band, or of all frequencies where they are not told apart. */
export function drawSpectrogram(
  canvas: HTMLCanvasElement,
  { rows, columns, top, values }: Spectrogram,
  map: SoundMap | null,
  edges: readonly number[] | null,
  style: SoundStyle,
): void {
  const context = canvas.getContext("2d");
  if (!context || !columns) return;
  const { palette } = style;
  const image = new ImageData(columns, rows);
  const ink = palette.grey[palette.grey.length - 1]!;
  for (let row = 0; row < rows; row++) {
    const band = map ? bandAt((row + 0.5) / rows, edges, top, map.rows) : 0;
    for (let column = 0; column < columns; column++) {
      const loud = (values[row * columns + column] ?? 0) / 255;
      const place = map ? Math.floor(((column + 0.5) / columns) * map.columns) : 0;
      const under = map
        ? colourOf(map.values[band * map.columns + place] ?? 0, style)
        : palette.neutral;
      const colour = mix(under, ink, (map ? 0.62 : 0.85) * loud);
      image.data.set([...colour.map(Math.round), 255], 4 * ((rows - 1 - row) * columns + column));
    }
  }
  const small = new OffscreenCanvas(columns, rows);
  small.getContext("2d")?.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/** The band that a height of the page, 0..1 in mel, lies in. Rows of unknown frequencies share the height. */
export function bandAt(
  share: number,
  edges: readonly number[] | null,
  top: number,
  rows: number,
): number {
  if (!edges) return Math.min(rows - 1, Math.floor(share * rows));
  const next = edges.findIndex((edge, i) => i > 0 && share < melShare(edge, top));
  return next < 0 ? rows - 1 : next - 1;
}
