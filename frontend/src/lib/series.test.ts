import { expect, test } from "vitest";
import {
  channelSums,
  plotted,
  seriesFeatures,
  strongestChannels,
  strongestOf,
  ticksOf,
  timeOf,
  valueAt,
} from "./series";

const STEPS = { length: 3, rate: null, time_unit: null };

test("channels first and last give the same columns", () => {
  const first = { shape: [2, 3], data: new Float32Array([1, 2, 3, -4, -5, -6]) };
  const last = { shape: [3, 2], data: new Float32Array([1, -4, 2, -5, 3, -6]) };
  const found = plotted(first, 2, false, false);
  expect(found.columns.map((column) => [...column])).toEqual([
    [1, 2, 3],
    [-4, -5, -6],
  ]);
  expect([...found.profile]).toEqual([-3, -3, -3]);
  expect(plotted(last, 2, true, false)).toEqual(found);
  expect(strongestOf(found)).toBe(6);
  expect(channelSums(found)).toEqual([
    { sum: 6, share: 6 / 21 },
    { sum: -15, share: 15 / 21 },
  ]);
  expect(strongestChannels(found, 1)).toEqual([1]);
});

test("a long series is cut into columns that hold sums, or means of what is shared", () => {
  const long = { shape: [1, 960], data: new Float32Array(960).fill(0.5) };
  const sums = plotted(long, 1, false, false);
  expect(sums.each).toBe(4);
  expect([...(sums.columns[0] ?? [])]).toEqual(new Array(240).fill(2));
  const shared = plotted(long, 1, false, true);
  expect([...(shared.columns[0] ?? [])]).toEqual(new Array(240).fill(0.5));
  expect(channelSums(shared)).toBeNull();
  // 241 values in columns of two: the last holds one.
  const odd = plotted({ shape: [1, 241], data: new Float32Array(241).fill(1) }, 1, false, true);
  expect([...(odd.columns[0] ?? [])]).toEqual(new Array(121).fill(1));
});

test("features are stretches, times over all channels, or channels, as they were perturbed", () => {
  const plain = plotted(
    { shape: [2, 3], data: new Float32Array([1, 2, 3, 0, 0, 0]) },
    2,
    false,
    false,
  );
  const each = seriesFeatures("s", ["a", "b"], plain, STEPS);
  expect(each.map(({ label, note, value }) => [label, note, value])).toEqual([
    ["a", "step 0", 1],
    ["a", "step 1", 2],
    ["a", "step 2", 3],
    ["b", "step 0", 0],
    ["b", "step 1", 0],
    ["b", "step 2", 0],
  ]);
  const times = { shape: [2, 3], data: new Float32Array([1, 2, 3, 1, 2, 3]) };
  const together = plotted(times, 2, false, true);
  expect([...together.profile]).toEqual([1, 2, 3]);
  expect(seriesFeatures("s", ["a", "b"], together, STEPS).map(({ label }) => label)).toEqual([
    "step 0",
    "step 1",
    "step 2",
  ]);
  const channels = { shape: [2, 3], data: new Float32Array([1, 1, 1, 4, 4, 4]) };
  const whole = seriesFeatures("s", ["a", "b"], plotted(channels, 2, false, true), STEPS);
  expect(whole.map(({ label, value }) => [label, value])).toEqual([
    ["a", 1],
    ["b", 4],
  ]);
});

test("time is written with its unit, or in steps, at round places", () => {
  expect(timeOf(50, { length: 100, rate: 40, time_unit: "s" })).toBe("1.25 s");
  expect(timeOf(50, STEPS)).toBe("step 50");
  expect(ticksOf({ length: 1000, rate: 100, time_unit: "s" }).map(({ text }) => text)).toEqual([
    "0 s",
    "2 s",
    "4 s",
    "6 s",
    "8 s",
  ]);
  expect(ticksOf(STEPS)).toEqual([
    { at: 0, text: "0" },
    { at: 1 / 3, text: "1" },
    { at: 2 / 3, text: "2" },
  ]);
});

test("a value is that of the nearest point", () => {
  const line: [number, number][] = [
    [0, 5],
    [4, 9],
  ];
  expect(valueAt(line, 1)).toBe(5);
  expect(valueAt(line, 3)).toBe(9);
  expect(valueAt([], 3)).toBeNull();
});
