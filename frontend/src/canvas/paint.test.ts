import { describe, expect, it } from "vitest";
import { placesOf, type Stroke } from "./paint";

const stroke: Stroke = { kind: "box", points: [], size: 4, fill: "black", colour: "#000000" };

describe("the pixels a stroke covers", () => {
  it("are those of a box, whichever corner came first, inside the picture", () => {
    const there = placesOf(
      {
        ...stroke,
        points: [
          [1.2, 1.9],
          [2.1, 3.5],
        ],
      },
      8,
      8,
    );
    const back = placesOf(
      {
        ...stroke,
        points: [
          [2.1, 3.5],
          [1.2, 1.9],
        ],
      },
      8,
      8,
    );
    expect([...there].sort()).toEqual([...back].sort());
    expect(there.size).toBe(2 * 3);
    expect(
      placesOf(
        {
          ...stroke,
          points: [
            [-5, -5],
            [50, 50],
          ],
        },
        8,
        8,
      ).size,
    ).toBe(64);
  });

  it("are those of a round brush all along its way", () => {
    const dot = placesOf({ ...stroke, kind: "brush", points: [[4, 4]] }, 8, 8);
    expect(dot.size).toBe(12);
    const line = placesOf(
      {
        ...stroke,
        kind: "brush",
        size: 1,
        points: [
          [0.5, 4.5],
          [7.5, 4.5],
        ],
      },
      8,
      8,
    );
    expect([...line].sort((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, x) => 32 + x));
  });
});
