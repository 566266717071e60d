import { describe, expect, it } from "vitest";
import type { ValueMap } from "./attribution";
import { contour, smoothed } from "./contour";

function mapOf(width: number, height: number, value: (x: number, y: number) => number): ValueMap {
  const values = Float32Array.from({ length: width * height }, (_, i) =>
    value(i % width, Math.floor(i / width)),
  );
  return { width, height, channels: 1, values };
}

describe("contour", () => {
  it("runs half way between a value above and one below the level", () => {
    const lines = contour(
      mapOf(4, 4, (x, y) => (x === 1 && y === 1 ? 1 : 0)),
      0.5,
    );
    expect(lines).toHaveLength(16);
    for (let i = 0; i < lines.length; i += 2) {
      const distance = Math.abs(lines[i]! - 1.5) + Math.abs(lines[i + 1]! - 1.5);
      expect(distance).toBeCloseTo(0.5);
    }
  });

  it("closes at the edges, and is nothing where nothing passes the level", () => {
    const full = mapOf(3, 2, () => 1);
    const ends = new Map<string, number>();
    const lines = contour(full, 0.5);
    for (let i = 0; i < lines.length; i += 2) {
      const end = `${lines[i]!.toFixed(3)} ${lines[i + 1]!.toFixed(3)}`;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    expect([...ends.values()].every((times) => times === 2)).toBe(true);
    expect(contour(full, 2)).toEqual([]);
  });
});

describe("smoothed", () => {
  it("spreads a point evenly and keeps its sum away from the edges", () => {
    const map = smoothed(mapOf(21, 21, (x, y) => (x === 10 && y === 10 ? 1 : 0)));
    expect(map.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1);
    expect(map.values[10 * 21 + 9]).toBeCloseTo(map.values[9 * 21 + 10]!);
    expect(map.values[10 * 21 + 10]).toBeLessThan(0.3);
  });
});
