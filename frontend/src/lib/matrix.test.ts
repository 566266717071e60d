import { expect, test } from "vitest";
import { formatSlice, histogramOf, leading, matrixAt, parseSlice, sliceFeatures } from "./matrix";

const CUBE = { shape: [2, 2, 3], data: Float32Array.from({ length: 12 }, (_, i) => i) };

test("a slice of the leading dimensions, or all of them together", () => {
  expect(leading(CUBE.shape)).toEqual([2]);
  const one = matrixAt(CUBE, [1], false);
  expect([one.rows, one.columns, [...one.values]]).toEqual([2, 3, [6, 7, 8, 9, 10, 11]]);
  expect([...matrixAt(CUBE, [null], false).values]).toEqual([6, 8, 10, 12, 14, 16]);
  expect([...matrixAt(CUBE, [null], true).values]).toEqual([3, 4, 5, 6, 7, 8]);
});

test("of two leading dimensions one may be fixed", () => {
  const four = { shape: [2, 3, 1, 1], data: new Float32Array([0, 1, 2, 10, 20, 30]) };
  expect([...matrixAt(four, [null, 1], false).values]).toEqual([21]);
  expect([...matrixAt(four, [1, null], false).values]).toEqual([60]);
  expect([...matrixAt(four, [1, 2], false).values]).toEqual([30]);
});

test("a row is a matrix of one row", () => {
  const row = matrixAt({ shape: [3], data: new Float32Array([1, -2, 3]) }, [], false);
  expect([row.rows, row.columns, [...row.values]]).toEqual([1, 3, [1, -2, 3]]);
});

test("slices along any dimension are summed, or averaged where values are shared", () => {
  expect(sliceFeatures("x", CUBE, 2).map(({ label, value }) => [label, value])).toEqual([
    ["[…, …, 0]", 18],
    ["[…, …, 1]", 22],
    ["[…, …, 2]", 26],
  ]);
  expect(sliceFeatures("x", CUBE, 0, true).map(({ value }) => value)).toEqual([2.5, 8.5]);
});

test("a histogram has zero in its middle bin and counts what is finite", () => {
  const found = histogramOf([0, 0, 1, -1, Number.NaN], 3);
  expect(found.map(({ count }) => count)).toEqual([1, 2, 1]);
  expect(found[0]?.from).toBe(-1);
  expect(found[2]?.to).toBeCloseTo(1);
  expect(histogramOf([0, 0])).toEqual([]);
});

test("a slice is written into the address, and read as far as it fits", () => {
  const shape = [2, 3, 4, 4];
  for (const slice of [
    [1, null],
    [null, 2],
    [0, 0],
  ]) {
    expect(parseSlice(formatSlice(slice) ?? "", shape)).toEqual(slice);
  }
  expect(formatSlice([null, null])).toBeNull();
  expect(parseSlice("1,7", shape)).toEqual([1, null]);
  expect(parseSlice("x", shape)).toEqual([null, null]);
  expect(parseSlice("1", [4, 4])).toEqual([]);
});
