import { expect, test } from "vitest";
import { type Edge, edgeFeatures, edgeValues, graphValues, neighbours, nodeValues } from "./graph";

const EDGES: Edge[] = [
  [0, 1, 1],
  [1, 2, 1],
];
const MATRIX = { shape: [3, 3], data: Float32Array.from([0, 1, 9, 2, 0, 4, 9, 6, 0]) };

test("a node's features are summed, or averaged where each carries the whole node's value", () => {
  const array = { shape: [2, 2], data: Float32Array.from([1, 3, -2, -2]) };
  expect([...nodeValues(array, false)]).toEqual([4, -4]);
  expect([...nodeValues(array, true)]).toEqual([2, -2]);
});

test("an edge takes both its directions, and pairs that are not joined have none", () => {
  expect([...edgeValues(EDGES, false, MATRIX, false)]).toEqual([3, 10]);
  expect([...edgeValues(EDGES, false, MATRIX, true)]).toEqual([1.5, 5]);
  expect([...edgeValues(EDGES, true, MATRIX, false)]).toEqual([1, 4]);
});

test("half of each edge goes to each of its ends", () => {
  const values = graphValues(3, EDGES, Float64Array.from([1, 1, 1]), Float64Array.from([2, 4]));
  expect([...values.whole]).toEqual([2, 4, 3]);
});

test("a graph without edges keeps its nodes' own values", () => {
  expect([...graphValues(2, [], Float64Array.from([1, 2]), new Float64Array()).whole]).toEqual([
    1, 2,
  ]);
});

test("neighbours are found along either direction", () => {
  expect([...neighbours(EDGES, 1)].sort()).toEqual([0, 2]);
  expect([...neighbours(EDGES, 0)]).toEqual([1]);
});

test("edges are called by the names of their ends", () => {
  const found = edgeFeatures("e", EDGES, ["a", "b", "c"], true, Float64Array.from([1, -1]));
  expect(found.map(({ label, value }) => [label, value])).toEqual([
    ["a → b", 1],
    ["b → c", -1],
  ]);
});
