// Which part of a picture is in sight. Shares of the picture, so that pictures of different sizes move in step.

export interface Zoom {
  /** 1 shows the whole picture, 4 a quarter of its width and height. */
  readonly scale: number;
  /** The corner at the top left of what is in sight, as shares of width and height. */
  readonly x: number;
  readonly y: number;
}

export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
export const CLOSEST = 32;

/** Closer (a factor above 1) or farther, with one place of the picture (in shares) staying where it is on screen. */
export function zoomedAt(zoom: Zoom, factor: number, x: number, y: number): Zoom {
  const scale = Math.min(CLOSEST, Math.max(1, zoom.scale * factor));
  const kept = zoom.scale / scale;
  return inside({ scale, x: x - (x - zoom.x) * kept, y: y - (y - zoom.y) * kept });
}

/** Moved by shares of what is in sight. */
export function panned(zoom: Zoom, byX: number, byY: number): Zoom {
  return inside({ ...zoom, x: zoom.x + byX / zoom.scale, y: zoom.y + byY / zoom.scale });
}

function inside({ scale, x, y }: Zoom): Zoom {
  const most = 1 - 1 / scale;
  const within = (value: number) => Math.min(most, Math.max(0, value));
  return scale === 1 ? WHOLE : { scale, x: within(x), y: within(y) };
}

/** "2.5,0.31,0.44"; null for the whole picture. */
export function formatZoom({ scale, x, y }: Zoom): string | null {
  return scale === 1 ? null : [scale, x, y].map((part) => Number(part.toFixed(4))).join(",");
}

export function parseZoom(text: string | undefined): Zoom {
  const parts = (text ?? "").split(",").map(Number);
  const [scale, x, y] = parts;
  if (parts.length !== 3 || !parts.every(Number.isFinite)) return WHOLE;
  return inside({ scale: Math.min(CLOSEST, Math.max(1, scale!)), x: x!, y: y! });
}
