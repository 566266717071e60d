import { expect, test } from "vitest";
import { flatIndex, headAt, type PlacesInfo, placeOf, startOf, targetName } from "./places";

const classes = (name: string, names: string[]) =>
  ({ name, kind: "classes", names, size: names.length, unit: null }) as const;
const TAGS: PlacesInfo = {
  what: "position",
  of: "text",
  heads: [classes("", ["O", "PER", "LOC"])],
  background: 0,
};
const HEADS: PlacesInfo = {
  what: "head",
  of: null,
  heads: [
    classes("kind", ["cat", "dog"]),
    { name: "age", kind: "regression", names: ["age"], size: 1, unit: "years" },
    classes("mood", ["calm", "wild", "shy"]),
  ],
  background: null,
};

test("a target of a position counts through the classes of those before it", () => {
  expect(placeOf(TAGS, 7)).toBe(2);
  expect(startOf(TAGS, 2)).toBe(6);
  expect(flatIndex(TAGS, [2, 1])).toBe(7);
  expect(flatIndex(TAGS, [2, 3])).toBeNull();
  expect(targetName(TAGS, 7, 1)).toBe("PER at position 2");
});

test("heads stand one after another, whatever their size", () => {
  expect([0, 1, 2, 3, 5].map((index) => placeOf(HEADS, index))).toEqual([0, 0, 1, 2, 2]);
  expect(startOf(HEADS, 2)).toBe(3);
  expect(flatIndex(HEADS, [2, 2])).toBe(5);
  expect(headAt(HEADS, 1).unit).toBe("years");
  expect(targetName(HEADS, 2, 1)).toBe("age");
  expect(targetName(HEADS, 4, 1)).toBe("mood: wild");
});

test("a pixel is told by its column and row", () => {
  const pixels: PlacesInfo = { ...TAGS, what: "pixel", of: "photo" };
  expect(targetName(pixels, 3 * 13 + 2, 10)).toBe("LOC at x 3, y 1");
});
