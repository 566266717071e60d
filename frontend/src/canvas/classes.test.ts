import { expect, test } from "vitest";
import { kindColour } from "../lib/palette";
import { classPixels } from "./classes";

const MAP = { width: 2, height: 2, classes: [0, 1, 2, -1] };

test("the background and what has no class stay clear", () => {
  const bytes = classPixels(MAP, 0, null);
  expect([3, 7, 11, 15].map((i) => (bytes[i] ?? 0) > 0)).toEqual([false, true, true, false]);
  expect([...bytes.slice(4, 7)]).toEqual(kindColour(1));
  expect([...bytes.slice(4, 7)]).not.toEqual([...bytes.slice(8, 11)]);
});

test("only some pixels may be drawn", () => {
  const bytes = classPixels(MAP, null, (pixel) => pixel === 0);
  expect([3, 7, 11, 15].map((i) => (bytes[i] ?? 0) > 0)).toEqual([true, false, false, false]);
});
