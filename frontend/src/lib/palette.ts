// Colours of attributions: blue speaks for the target, orange against it, and nothing is the neutral of the theme.
// Blue and orange stay apart for all common kinds of colour blindness; both poles are as dark as each other.

export type Rgb = readonly [number, number, number];
export type Theme = "light" | "dark";
export type Sequential = "violet" | "viridis" | "grey";

export interface Palette {
  readonly neutral: Rgb;
  readonly positive: Rgb;
  readonly negative: Rgb;
  readonly violet: readonly Rgb[];
  readonly grey: readonly Rgb[];
}

/** Points of matplotlib's viridis, from none to most. */
const VIRIDIS: readonly Rgb[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
];

export const PALETTES: Readonly<Record<Theme, Palette>> = {
  light: {
    neutral: [255, 255, 255],
    positive: [33, 102, 172],
    negative: [194, 80, 26],
    violet: [
      [255, 255, 255],
      [196, 176, 222],
      [126, 84, 172],
      [66, 24, 110],
    ],
    grey: [
      [255, 255, 255],
      [20, 20, 22],
    ],
  },
  dark: {
    neutral: [27, 28, 31],
    positive: [106, 168, 224],
    negative: [238, 138, 85],
    violet: [
      [27, 28, 31],
      [92, 66, 130],
      [160, 128, 206],
      [228, 214, 250],
    ],
    grey: [
      [27, 28, 31],
      [240, 240, 238],
    ],
  },
};

export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return [0, 1, 2].map((i) => from[i]! + (to[i]! - from[i]!) * share) as unknown as Rgb;
}

/** Okabe and Ito's colours, which all common kinds of colour blindness tell apart. */
const KINDS: readonly Rgb[] = [
  [0, 158, 115],
  [204, 121, 167],
  [230, 159, 0],
  [86, 180, 233],
  [213, 94, 0],
  [0, 114, 178],
  [240, 228, 66],
];

/** The colour of a class; those beyond the seventh share colours. */
export function kindColour(kind: number): Rgb {
  return KINDS[kind % KINDS.length]!;
}

/** The colour of a value in -1..1. */
export function diverging(palette: Palette, value: number): Rgb {
  const pole = value < 0 ? palette.negative : palette.positive;
  return mix(palette.neutral, pole, Math.min(1, Math.abs(value)));
}

/** The colour of a strength in 0..1. */
export function sequential(palette: Palette, name: Sequential, strength: number): Rgb {
  const stops = name === "viridis" ? VIRIDIS : palette[name];
  const place = Math.min(1, Math.max(0, strength)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  return mix(stops[index]!, stops[index + 1]!, place - index);
}

export function css(colour: Rgb): string {
  return `rgb(${colour.map(Math.round).join(" ")})`;
}

/** Relative luminance, as WCAG 2 defines it. */
export function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever reads better on the colour: the contrast is never below 4.5. */
export function inkOn(colour: Rgb): "#000" | "#fff" {
  return luminance(colour) > 0.179 ? "#000" : "#fff";
}
