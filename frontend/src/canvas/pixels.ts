// A value map as RGBA bytes. No canvas here, so that it can be tested as numbers.

import type { ValueMap } from "../lib/attribution";
import { diverging, type Palette, type Rgb, type Sequential, sequential } from "../lib/palette";
import { type Sign, shareOf } from "../lib/scale";

/** heat: colours alone. blend: colours over the greyed picture. mask: the picture where it counts. contour: lines. */
export type Mode = "heat" | "blend" | "mask" | "contour";

export interface OverlayStyle {
  readonly mode: Mode;
  readonly sign: Sign;
  readonly palette: Palette;
  /** The map of strengths, used where the sign is "absolute". */
  readonly strengths: Sequential;
  /** The value drawn in full colour. */
  readonly limit: number;
  /** 0..1. */
  readonly opacity: number;
}

/** One RGBA pixel a value, not premultiplied. */
export function overlayPixels(map: ValueMap, style: OverlayStyle): Uint8ClampedArray<ArrayBuffer> {
  const bytes = new Uint8ClampedArray(4 * map.values.length);
  map.values.forEach((value, i) => {
    const share = shareOf(value, style.limit, style.sign);
    bytes.set(colourOf(share, style), 4 * i);
    bytes[4 * i + 3] = 255 * alphaOf(Math.abs(share), style);
  });
  return bytes;
}

/** In a blend the colour is that of the full strength and its weight is the alpha, so that nothing hides the picture. */
function colourOf(share: number, { mode, sign, palette, strengths }: OverlayStyle): Rgb {
  if (mode === "mask") return palette.neutral;
  if (sign === "absolute") return sequential(palette, strengths, share);
  return diverging(palette, mode === "blend" ? Math.sign(share) : share);
}

/** The root lifts middling strengths in a mask: the eye judges how much of a picture shows, not how much is added. */
function alphaOf(strength: number, { mode, opacity }: OverlayStyle): number {
  if (mode === "heat") return 1;
  if (mode === "blend") return strength * opacity;
  return Math.sqrt(strength);
}
