/** Choosing a range on a histogram. */

export interface Bin {
  from: number;
  to: number;
  count: number;
}

/** The bin under a position between 0 (left) and 1 (right). */
export function binAt(position: number, bins: number): number {
  return Math.max(0, Math.min(bins - 1, Math.floor(position * bins)));
}

/** The range from one bin to another, in either order; null at an end that leaves nothing out. */
export function rangeOf(bins: readonly Bin[], a: number, b: number) {
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  return {
    min: low <= 0 ? null : tidy(bins[low]!.from),
    max: high >= bins.length - 1 ? null : tidy(bins[high]!.to),
  };
}

/** Whether a bin lies within a range, by its middle. */
export function inRange(bin: Bin, min: number | null, max: number | null): boolean {
  const middle = (bin.from + bin.to) / 2;
  return (min === null || middle >= min) && (max === null || middle <= max);
}

/** A bar's share of the full height. Square roots keep a bar of 40 visible beside one of 9,000. */
export function barHeight(count: number, highest: number): number {
  return count <= 0 || highest <= 0 ? 0 : Math.max(0.04, Math.sqrt(count / highest));
}

/** Bin edges come from divisions; a link should not carry their seventeen digits. */
function tidy(value: number): number {
  return Number(value.toPrecision(6));
}
