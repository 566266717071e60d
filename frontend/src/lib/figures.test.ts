import { expect, it } from "vitest";
import { bestOf, proportion } from "./figures";

it("finds the best of several figures, and none among equals", () => {
  expect(bestOf([0.3, null, 0.1, 0.1], "lower")).toEqual([2, 3]);
  expect(bestOf([0.3, null, 0.1], "higher")).toEqual([0]);
  expect(bestOf([0.3, null], "lower")).toEqual([]);
  expect(bestOf([0.3, 0.3], "lower")).toEqual([]);
  expect(bestOf([null, null], "higher")).toEqual([]);
});

it("writes shares as a proportion, with signs where one is against", () => {
  expect(proportion({ photo: 0.584, question: 0.416 })).toBe("58 : 42");
  expect(proportion({ photo: 0.7, question: -0.3 })).toBe("+70 : −30");
  expect(proportion({ photo: null, question: 1 })).toBe("none");
});
