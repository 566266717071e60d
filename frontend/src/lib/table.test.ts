import { expect, test } from "vitest";
import { columnFeatures } from "./attribution";
import { partsOf, written } from "./table";

const COLUMNS = [
  { name: "age", unit: "years", value: 50, start: 0, width: 1 },
  { name: "city", unit: null, value: "Rome", start: 1, width: 3 },
  { name: "income", unit: "k$", value: null, start: 4, width: 1 },
];
const ARRAY = { shape: [5], data: new Float32Array([1, 2, 3, -8, 0.5]) };

test("values are written as people read them", () => {
  expect([50, -3, 0.123456, 6.5, "Rome", null].map(written)).toEqual([
    "50",
    "−3",
    "0.1235",
    "6.500",
    "Rome",
    "missing",
  ]);
  expect(partsOf(COLUMNS).map(({ note }) => note)).toEqual(["50 years", "Rome", "missing"]);
});

test("a column's attribution is the sum over its numbers", () => {
  const found = columnFeatures("person", partsOf(COLUMNS), ARRAY);
  expect(found.map(({ label, value }) => [label, value])).toEqual([
    ["age", 1],
    ["city", -3],
    ["income", 0.5],
  ]);
});

test("where its numbers each carry the whole column's value, it is their mean", () => {
  const shared = { shape: [5], data: new Float32Array([1, 6, 6, 6, 2]) };
  const found = columnFeatures("person", partsOf(COLUMNS), shared, true);
  expect(found.map(({ value }) => value)).toEqual([1, 6, 2]);
});
