// Drawing of a picture and of the attributions over it, at the size the canvas has on screen.

import type { ValueMap } from "../lib/attribution";
import { css } from "../lib/palette";
import type { Picture } from "./picture";
import { type OverlayStyle, overlayPixels } from "./pixels";

/** How much of the theme's neutral lies over the greyed picture in a blend. */
const WASH = 0.7;
/** How much of the picture still shows where a mask hides it, at no opacity. */
const GHOST = 0.6;

export function drawPicture(canvas: HTMLCanvasElement, { image }: Picture, smooth: boolean): void {
  const context = prepared(canvas);
  if (context) drawScaled(context, image, image.naturalWidth, smooth);
}

export function drawOverlay(
  canvas: HTMLCanvasElement,
  picture: Picture | null,
  map: ValueMap,
  style: OverlayStyle,
  smooth: boolean,
): void {
  const context = prepared(canvas);
  if (!context) return;
  const overlay = layerOf(map, style);
  fill(context, css(style.palette.neutral), 1);
  if (style.mode === "mask" && picture) {
    drawMask(context, picture, overlay, style.opacity, smooth);
    return;
  }
  if (style.mode === "blend" && picture) {
    drawGreyed(context, picture, css(style.palette.neutral), smooth);
  }
  drawScaled(context, overlay, overlay.width, smooth);
}

function prepared(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  context?.clearRect(0, 0, canvas.width, canvas.height);
  return context;
}

/** Fills the canvas. What is shrunk is always smoothed; enlarged pixels keep their edges unless told otherwise. */
function drawScaled(
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

function drawGreyed(
  context: CanvasRenderingContext2D,
  { image }: Picture,
  neutral: string,
  smooth: boolean,
): void {
  drawScaled(context, image, image.naturalWidth, smooth);
  context.globalCompositeOperation = "saturation";
  fill(context, "hsl(0 0% 50%)", 1);
  context.globalCompositeOperation = "source-over";
  fill(context, neutral, WASH);
}

function drawMask(
  context: CanvasRenderingContext2D,
  { image }: Picture,
  overlay: HTMLCanvasElement,
  opacity: number,
  smooth: boolean,
): void {
  const cut = blank(context.canvas.width, context.canvas.height);
  const inside = prepared(cut);
  if (!inside) return;
  drawScaled(inside, overlay, overlay.width, smooth);
  inside.globalCompositeOperation = "source-in";
  drawScaled(inside, image, image.naturalWidth, smooth);
  context.globalAlpha = GHOST * (1 - opacity);
  drawScaled(context, image, image.naturalWidth, smooth);
  context.globalAlpha = 1;
  context.drawImage(cut, 0, 0);
}

function fill(context: CanvasRenderingContext2D, colour: string, alpha: number): void {
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.globalAlpha = 1;
}

function blank(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}
