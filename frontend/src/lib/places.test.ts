import { expect, test } from "vitest";
import {
  flatIndex,
  headAt,
  type PlacesInfo,
  placeOf,
  spansOf,
  startOf,
  targetName,
} from "./places";

const PLAIN = { what: null, of: null, background: null } as const;
const classes = (name: string, names: string[]) =>
  ({ ...PLAIN, name, kind: "classes", names, size: names.length, unit: null }) as const;
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
    { ...PLAIN, name: "age", kind: "regression", names: ["age"], size: 1, unit: "years" },
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

test("a head may have pixels or positions of its own", () => {
  const dense: PlacesInfo = {
    ...HEADS,
    heads: [
      classes("kind", ["cat", "dog"]),
      { ...classes("mask", ["none", "fur", "eye"]), what: "pixel", of: "photo", background: 0 },
      { ...classes("tag", ["O", "PET"]), what: "position", of: "text" },
    ],
    parts: [[1], [2, 5], [4]],
  };
  expect(spansOf(dense).map(({ first, start }) => [first, start])).toEqual([
    [0, 0],
    [1, 2],
    [11, 32],
  ]);
  expect(flatIndex(dense, [1, 1, 2, 0])).toBe(2 + (5 + 2) * 3);
  expect(flatIndex(dense, [1, 7, 0])).toBe(2 + 7 * 3);
  expect(flatIndex(dense, [2, 3, 1])).toBe(39);
  expect(flatIndex(dense, [0, 1])).toBe(1);
  expect(flatIndex(dense, [0, 0, 1])).toBeNull();
  for (const index of [0, 1, 2, 4, 22, 31, 32, 39]) {
    const place = placeOf(dense, index);
    const start = startOf(dense, place);
    expect(start <= index && index < start + headAt(dense, place).size).toBe(true);
  }
  expect(targetName(dense, 24, 1)).toBe("mask: fur at x 2, y 1");
  expect(targetName(dense, 39, 1)).toBe("tag: PET at position 3");
  expect(targetName(dense, 1, 1)).toBe("kind: dog");
});
