// Drawing of a picture and of the attributions over it, at the size the canvas has on screen.

import type { ValueMap } from "../lib/attribution";
import { contour, LEVELS } from "../lib/contour";
import { css, diverging, type Rgb, sequential } from "../lib/palette";
import { shareOf } from "../lib/scale";
import { WHOLE, type Zoom } from "../lib/zoom";
import type { Picture } from "./picture";
import { type OverlayStyle, overlayPixels } from "./pixels";

/** How much of the theme's neutral lies over the greyed picture in a blend. */
const WASH = 0.7;
/** How much of the picture still shows where a mask hides it, at no opacity. */
const GHOST = 0.6;
/** Of a contour line, in CSS pixels. */
const LINE = 1.6;

export function drawPicture(
  canvas: HTMLCanvasElement,
  { image, width }: Picture,
  smooth: boolean,
  zoom: Zoom = WHOLE,
): void {
  const context = prepared(canvas, zoom);
  if (context) drawScaled(context, image, width, smooth);
}

export function drawOverlay(
  canvas: HTMLCanvasElement,
  picture: Picture | null,
  map: ValueMap,
  style: OverlayStyle,
  smooth: boolean,
  zoom: Zoom = WHOLE,
): void {
  const context = prepared(canvas, zoom);
  if (!context) return;
  fill(context, css(style.palette.neutral), 1);
  if (style.mode === "contour") {
    if (picture) drawGreyed(context, picture, css(style.palette.neutral), smooth);
    drawContours(context, map, style, zoom.scale);
    return;
  }
  const overlay = layerOf(map, style);
  if (style.mode === "mask" && picture) {
    drawMask(context, picture, overlay, style.opacity, smooth, zoom);
    return;
  }
  if (style.mode === "blend" && picture) {
    drawGreyed(context, picture, css(style.palette.neutral), smooth);
  }
  drawScaled(context, overlay, overlay.width, smooth);
}

/** The left part of the canvas as one draws it, the right part as the other does, with a line between them. */
export function drawSwiped(
  canvas: HTMLCanvasElement,
  left: (canvas: HTMLCanvasElement) => void,
  right: (canvas: HTMLCanvasElement) => void,
  share: number,
): void {
  right(canvas);
  const context = canvas.getContext("2d");
  const split = Math.round(share * canvas.width);
  const other = blank(canvas.width, canvas.height);
  left(other);
  if (!context) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  if (split > 0) context.drawImage(other, 0, 0, split, canvas.height, 0, 0, split, canvas.height);
  context.fillStyle = "#000";
  context.fillRect(split - 1.5, 0, 3, canvas.height);
  context.fillStyle = "#fff";
  context.fillRect(split - 0.5, 0, 1, canvas.height);
}

/** Cleared, with the part of the picture that is in sight filling it. */
export function prepared(canvas: HTMLCanvasElement, zoom: Zoom): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  context?.setTransform(1, 0, 0, 1, 0, 0);
  context?.clearRect(0, 0, canvas.width, canvas.height);
  const { scale, x, y } = zoom;
  context?.setTransform(scale, 0, 0, scale, -x * scale * canvas.width, -y * scale * canvas.height);
  return context;
}

/** Fills the canvas. What is shrunk is always smoothed; enlarged pixels keep their edges unless told otherwise. */
export function drawScaled(
  context: CanvasRenderingContext2D,
  source: CanvasImageSource,
  sourceWidth: number,
  smooth: boolean,
): void {
  const { width, height } = context.canvas;
  context.imageSmoothingEnabled = smooth || sourceWidth > width;
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, width, height);
}

function layerOf(map: ValueMap, style: OverlayStyle): HTMLCanvasElement {
  const layer = blank(map.width, map.height);
  layer
    .getContext("2d")
    ?.putImageData(new ImageData(overlayPixels(map, style), map.width, map.height), 0, 0);
  return layer;
}

export function drawGreyed(
  context: CanvasRenderingContext2D,
  { image, width }: Picture,
  neutral: string,
  smooth: boolean,
): void {
  drawScaled(context, image, width, smooth);
  context.globalCompositeOperation = "saturation";
  fill(context, "hsl(0 0% 50%)", 1);
  context.globalCompositeOperation = "source-over";
  fill(context, neutral, WASH);
}

function drawMask(
  context: CanvasRenderingContext2D,
  { image, width }: Picture,
  overlay: HTMLCanvasElement,
  opacity: number,
  smooth: boolean,
  zoom: Zoom,
): void {
  const cut = blank(context.canvas.width, context.canvas.height);
  const inside = prepared(cut, zoom);
  if (!inside) return;
  drawScaled(inside, overlay, overlay.width, smooth);
  inside.globalCompositeOperation = "source-in";
  drawScaled(inside, image, width, smooth);
  context.globalAlpha = GHOST * (1 - opacity);
  drawScaled(context, image, width, smooth);
  context.globalAlpha = 1;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(cut, 0, 0);
}

/** The map is smoothed already; each line lies where its strength passes a share of the limit. */
function drawContours(
  context: CanvasRenderingContext2D,
  map: ValueMap,
  style: OverlayStyle,
  scale: number,
): void {
  const { sign, limit, palette, strengths } = style;
  const shares = Float32Array.from(map.values, (value) => shareOf(value, limit, sign));
  const against = shares.map((share) => -share);
  for (const level of LEVELS) {
    const strong = sign === "absolute" ? sequential(palette, strengths, level) : null;
    stroke(context, map, contour({ ...map, values: shares }, level), {
      colour: strong ?? diverging(palette, 1),
      halo: palette.neutral,
      width: (LINE * (0.6 + level)) / scale,
    });
    if (sign === "absolute") continue;
    stroke(context, map, contour({ ...map, values: against }, level), {
      colour: diverging(palette, -1),
      halo: palette.neutral,
      width: (LINE * (0.6 + level)) / scale,
    });
  }
}

interface Stroke {
  colour: Rgb;
  halo: Rgb;
  width: number;
}

function stroke(
  context: CanvasRenderingContext2D,
  map: ValueMap,
  lines: readonly number[],
  { colour, halo, width }: Stroke,
): void {
  const [across, down] = [context.canvas.width / map.width, context.canvas.height / map.height];
  context.beginPath();
  for (let i = 0; i < lines.length; i += 4) {
    context.moveTo(lines[i]! * across, lines[i + 1]! * down);
    context.lineTo(lines[i + 2]! * across, lines[i + 3]! * down);
  }
  context.lineCap = "round";
  for (const [ink, thick] of [[halo, 2.4] as const, [colour, 1] as const]) {
    context.strokeStyle = css(ink);
    context.lineWidth = width * thick * devicePixelRatio;
    context.stroke();
  }
}

export function fill(context: CanvasRenderingContext2D, colour: string, alpha: number): void {
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.globalAlpha = 1;
}

export function blank(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}
