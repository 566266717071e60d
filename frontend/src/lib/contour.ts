// Lines of equal value over a map: marching squares on a smoothed map, since single pixels have no outline.

import type { ValueMap } from "./attribution";

/** Lines are drawn where the strength passes these shares of the limit. */
export const LEVELS: readonly number[] = [0.25, 0.5, 0.75];

/** The map blurred by a Gaussian of a thirtieth of its longer side, at least one pixel. */
export function smoothed(map: ValueMap): ValueMap {
  const weights = gaussian(Math.max(1, Math.max(map.width, map.height) / 30));
  const across = blurred(map.values, map.width, map.height, 1, map.width, weights);
  return { ...map, values: blurred(across, map.height, map.width, map.width, 1, weights) };
}

function gaussian(sigma: number): number[] {
  const reach = Math.ceil(2.5 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Blurs every line of `length` numbers, `step` apart; lines begin `stride` apart. Beyond the edges there is nothing. */
function blurred(
  values: Float32Array,
  length: number,
  lines: number,
  step: number,
  stride: number,
  weights: readonly number[],
): Float32Array {
  const reach = (weights.length - 1) / 2;
  const out = new Float32Array(values.length);
  for (let line = 0; line < lines; line++) {
    for (let place = 0; place < length; place++) {
      let sum = 0;
      for (let i = -reach; i <= reach; i++) {
        const from = place + i;
        if (from >= 0 && from < length)
          sum += weights[i + reach]! * values[line * stride + from * step]!;
      }
      out[line * stride + place * step] = sum;
    }
  }
  return out;
}

/** Lines where `values` pass `level`, as x1, y1, x2, y2 in pixels; closed at the edges of the map. */
export function contour(map: ValueMap, level: number): number[] {
  const { width, height, values } = map;
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : values[y * width + x]!;
  const lines: number[] = [];
  for (let y = -1; y < height; y++) {
    for (let x = -1; x < width; x++) {
      const corners = [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)] as const;
      crossings(corners, level, x + 0.5, y + 0.5, lines);
    }
  }
  return lines;
}

/** The line or two through one square whose corners (clockwise from the top left) lie on both sides of the level. */
function crossings(
  corners: readonly [number, number, number, number],
  level: number,
  x: number,
  y: number,
  lines: number[],
): void {
  const [a, b, c, d] = corners;
  const points: [number, number][] = [];
  const share = (from: number, to: number) => (level - from) / (to - from);
  if (a > level !== b > level) points.push([x + share(a, b), y]);
  if (b > level !== c > level) points.push([x + 1, y + share(b, c)]);
  if (d > level !== c > level) points.push([x + share(d, c), y + 1]);
  if (a > level !== d > level) points.push([x, y + share(a, d)]);
  for (let i = 0; i + 1 < points.length; i += 2) lines.push(...points[i]!, ...points[i + 1]!);
}
