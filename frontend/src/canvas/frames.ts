// Frames of a clip, cut out of the sheet that the server sends.

import type { Picture } from "./picture";

export interface SheetLayout {
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
}

const cut = new WeakMap<Picture, Map<number, Picture>>();

/** One frame as a picture, cut once. */
export function framePicture(sheet: Picture, layout: SheetLayout, frame: number): Picture {
  const known = cut.get(sheet) ?? new Map<number, Picture>();
  cut.set(sheet, known);
  const found = known.get(frame) ?? cutOut(sheet, layout, frame);
  known.set(frame, found);
  return found;
}

function cutOut(
  { image }: Picture,
  { columns, width, height }: SheetLayout,
  frame: number,
): Picture {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const [x, y] = [(frame % columns) * width, Math.floor(frame / columns) * height];
  canvas.getContext("2d")?.drawImage(image, x, y, width, height, 0, 0, width, height);
  return { image: canvas, width, height };
}
