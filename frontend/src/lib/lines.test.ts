import { expect, test } from "vitest";
import { spread } from "./lines";

test("names that have room stay where they are", () => {
  expect(spread([10, 80, 40], 12, 0, 100)).toEqual([10, 80, 40]);
});

test("names too near are moved apart, inside the chart", () => {
  expect(spread([50, 50, 52], 12, 0, 100)).toEqual([50, 62, 74]);
  expect(spread([98, 99, 97], 12, 0, 100)).toEqual([88, 100, 76]);
  expect(spread([], 12, 0, 100)).toEqual([]);
});
