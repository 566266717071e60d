import { drawOverlay, drawPicture } from "../../canvas/draw";
import { framePicture } from "../../canvas/frames";
import { loadPicture, type Picture } from "../../canvas/picture";
import type { OverlayStyle } from "../../canvas/pixels";
import { type Feature, mapOf, perToken, strongest, type ValueMap } from "../../lib/attribution";
import { smoothed } from "../../lib/contour";
import {
  css,
  diverging,
  inkOn,
  PALETTES,
  type Palette,
  type Sequential,
  sequential,
} from "../../lib/palette";
import { among, figure, limitAt, type Sign, shareOf, signed } from "../../lib/scale";
import type {
  BarsDrawing,
  Drawing,
  Look,
  PicturesDrawing,
  ScaleBar,
  WordsDrawing,
} from "../../lib/svg";
import {
  frameMap,
  frameText,
  profileOf,
  strongestFrame,
  volumeLimit,
  volumeOf,
} from "../../lib/video";
import { directionOf, unitsOf, unitValues } from "../../lib/words";
import type { ExampleDetail, ExampleInput } from "../../state/board";
import { frameOf } from "../../state/clips";
import { display } from "../../state/display";
import { mediaAddress, pictureAddress } from "../../state/examples";
import { isUnsigned, type Shown, sharesValues } from "../../state/explain";
import { dark } from "../../state/theme";
import { sizeOf } from "../explain/ImagePanel";
import { commonLimit } from "../explain/limits";
import { featuresOf } from "../explain/StrongestFeatures";

/** The pixels of the longer side of a picture in a file. */
const SIDE = 640;
const BARS = 20;
const STOPS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** How files look: as the page does. */
export function lookOf(): Look {
  const context = document.createElement("canvas").getContext("2d");
  const [paper, ink, faint, line] = dark.peek()
    ? ["#1b1c1f", "#e8e8e6", "#a5a8ae", "#3c3f45"]
    : ["#ffffff", "#1c1d1f", "#5d6066", "#cfcfca"];
  const measure = (text: string, size: number) => {
    if (!context) return text.length * size * 0.6;
    context.font = `${size}px system-ui, "DejaVu Sans", sans-serif`;
    return context.measureText(text).width;
  };
  return { paper, ink, faint, line, measure } as Look;
}

/** One input's panel as it is drawn now. */
export async function drawingOf(
  input: ExampleInput,
  detail: ExampleDetail,
  shown: Shown,
): Promise<Drawing> {
  if (input.view.kind === "image" && shown.arrays[input.name]) {
    const pictures = await picturesOf(input, detail, shown);
    if (pictures) return pictures;
  }
  if (input.view.kind === "video") {
    const frame = await frameOfClip(input, input.view, detail, shown);
    if (frame) return frame;
  }
  if (input.view.kind === "text") return wordsOf(input, input.view, detail, shown);
  return barsOf(input.name, strongest(featuresOf(input, shown, detail), BARS), isUnsigned(shown));
}

function styleOf(limit: number, unsigned: boolean): OverlayStyle {
  const { mode, strengths, opacity } = display.peek();
  const sign = unsigned ? "absolute" : display.peek().sign;
  const palette = paletteNow();
  return { mode, sign, strengths, palette, limit, opacity: opacity / 100 };
}

function paletteNow(): Palette {
  return PALETTES[dark.peek() ? "dark" : "light"];
}

/** The value in full colour: the input's own, or the one all inputs share. */
function limitFor(own: number, detail: ExampleDetail, shown: Shown): number {
  const { scale, clip } = display.peek();
  return scale === "shared" ? commonLimit(detail.inputs, [shown], clip) : own;
}

async function picturesOf(
  input: ExampleInput,
  detail: ExampleDetail,
  shown: Shown,
): Promise<PicturesDrawing | null> {
  const array = shown.arrays[input.name];
  const whole = array && mapOf(array, sharesValues(input.name, shown), sizeOf(input));
  if (!whole) return null;
  const { mode, clip } = display.peek();
  const map = mode === "contour" ? smoothed(whole) : whole;
  const own = limitAt(map.values, clip);
  const limit = mode === "contour" ? own : limitFor(own, detail, shown);
  const style = styleOf(limit, isUnsigned(shown));
  const address = input.media === null ? null : pictureAddress(detail.index, input.name, 1024);
  const picture = address === null ? null : await loadPicture(address);
  return pairOf(input.name, picture, map, style);
}

/** The frame in sight of a clip, in the scale of the whole clip. */
async function frameOfClip(
  input: ExampleInput,
  view: Extract<ExampleInput["view"], { kind: "video" }>,
  detail: ExampleDetail,
  shown: Shown,
): Promise<PicturesDrawing | null> {
  const array = shown.arrays[input.name];
  const shared = sharesValues(input.name, shown);
  const volume = array && volumeOf(array, view.layout, shared);
  if (!volume) return null;
  const rest = strongestFrame(profileOf(volume, shared));
  const frame = frameOf({ frames: view.frames, rate: view.rate, rest });
  const { mode, clip } = display.peek();
  const map = mode === "contour" ? smoothed(frameMap(volume, frame)) : frameMap(volume, frame);
  const style = styleOf(limitFor(volumeLimit(volume, clip), detail, shown), isUnsigned(shown));
  const sheet =
    input.media === null ? null : await loadPicture(mediaAddress(detail.index, input.name));
  const picture = sheet && framePicture(sheet, view.sheet, frame);
  return pairOf(`${input.name}, ${frameText(frame, view.frames, view.rate)}`, picture, map, style);
}

/** A picture as it is, and its attributions. */
function pairOf(
  title: string,
  picture: Picture | null,
  map: ValueMap,
  style: OverlayStyle,
): PicturesDrawing {
  const { mode, smooth } = display.peek();
  const factor = Math.max(1, Math.ceil(SIDE / Math.max(map.width, map.height)));
  const size = { width: factor * map.width, height: factor * map.height };
  const drawn = (caption: string, draw: (canvas: HTMLCanvasElement) => void) => ({
    href: hrefOf(size, draw),
    caption,
    ...size,
  });
  const original = (shot: Picture) =>
    drawn("original", (canvas) => drawPicture(canvas, shot, smooth));
  return {
    kind: "pictures",
    title,
    pictures: [
      ...(picture ? [original(picture)] : []),
      drawn("attribution", (canvas) => drawOverlay(canvas, picture, map, style, smooth)),
    ],
    scale: mode === "mask" ? null : scaleBar(style.limit, style.sign, style.strengths),
  };
}

function hrefOf(
  size: { width: number; height: number },
  draw: (canvas: HTMLCanvasElement) => void,
): string {
  const canvas = Object.assign(document.createElement("canvas"), size);
  draw(canvas);
  return canvas.toDataURL("image/png");
}

function scaleBar(limit: number, sign: Sign, strengths: Sequential): ScaleBar {
  const palette = paletteNow();
  const [from, to] = sign === "both" ? [-1, 1] : sign === "negative" ? [-1, 0] : [0, 1];
  const colours = STOPS.map((share) => {
    const value = from + (to - from) * share;
    return css(
      sign === "absolute" ? sequential(palette, strengths, value) : diverging(palette, value),
    );
  });
  return {
    colours,
    low: from < 0 ? `${figure(-limit)} against` : "0",
    high: to === 0 ? "0" : sign === "absolute" ? `${figure(limit)} strong` : `for ${signed(limit)}`,
  };
}

function wordsOf(
  input: ExampleInput,
  view: Extract<ExampleInput["view"], { kind: "text" }>,
  detail: ExampleDetail,
  shown: Shown,
): WordsDrawing {
  const unsigned = isUnsigned(shown);
  const palette = paletteNow();
  const units = unitsOf(view.text, view.tokens, display.peek().units);
  const array = shown.arrays[input.name];
  const values = array
    ? unitValues(units, perToken(array), sharesValues(input.name, shown))
    : new Float64Array(units.length);
  const limit = limitFor(limitAt(values, 100), detail, shown);
  return {
    kind: "words",
    title: input.name,
    rightToLeft: directionOf(view.text) === "rtl",
    words: units.map(({ text }, i) => {
      const share = shareOf(values[i] ?? 0, limit, "both");
      const back = unsigned ? sequential(palette, "violet", share) : diverging(palette, share);
      return { text, value: among(values[i] ?? 0, limit), back: css(back), ink: inkOn(back) };
    }),
    scale: scaleBar(limit, unsigned ? "absolute" : "both", "violet"),
  };
}

function barsOf(title: string, features: readonly Feature[], unsigned: boolean): BarsDrawing {
  const most = Math.max(0, ...features.map(({ value }) => Math.abs(value)));
  const palette = paletteNow();
  return {
    kind: "bars",
    title,
    bars: features.map(({ label, note, value }) => ({
      label: note ? `${label}  ${note}` : label,
      value: among(value, most),
      share: most > 0 ? value / most : 0,
      colour: css(
        unsigned ? sequential(palette, "violet", 0.66) : diverging(palette, Math.sign(value)),
      ),
    })),
  };
}
