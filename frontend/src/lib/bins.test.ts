import { describe, expect, it } from "vitest";
import { barHeight, binAt, inRange, rangeOf } from "./bins";

const bins = Array.from({ length: 10 }, (_, i) => ({ from: i / 10, to: (i + 1) / 10, count: i }));

describe("choosing a range", () => {
  it("finds the bin under the pointer, at the ends too", () => {
    expect([-0.2, 0, 0.55, 1, 1.3].map((x) => binAt(x, 10))).toEqual([0, 0, 5, 9, 9]);
  });

  it("spans two bins in either order and leaves open what reaches an end", () => {
    expect(rangeOf(bins, 6, 2)).toEqual({ min: 0.2, max: 0.7 });
    expect(rangeOf(bins, 4, 9)).toEqual({ min: 0.4, max: null });
    expect(rangeOf(bins, 0, 9)).toEqual({ min: null, max: null });
  });

  it("carries no more digits than a link should", () => {
    const thirds = [0, 1, 2].map((i) => ({ from: i / 3, to: (i + 1) / 3, count: 1 }));
    expect(rangeOf(thirds, 1, 1)).toEqual({ min: 0.333333, max: 0.666667 });
  });

  it("marks the bins that lie within", () => {
    const marked = bins.filter((bin) => inRange(bin, 0.2, 0.5)).map((bin) => bin.from);
    expect(marked).toEqual([0.2, 0.3, 0.4]);
    expect(bins.every((bin) => inRange(bin, null, null))).toBe(true);
  });
});

describe("barHeight", () => {
  it("shows nothing for nothing, and something for one among many", () => {
    expect(barHeight(0, 100)).toBe(0);
    expect(barHeight(1, 1e6)).toBe(0.04);
    expect(barHeight(25, 100)).toBe(0.5);
    expect(barHeight(100, 100)).toBe(1);
  });
});
