import { expect, test } from "vitest";
import { bandNames, bandSums, melShare, soundFeatures, soundMap, strongestColumns } from "./sound";

const BANDS = { shape: [2, 4], data: Float32Array.from([1, 2, 3, 4, 10, 20, 30, 40]) };

test("bands keep their rows, and times sum over them", () => {
  const map = soundMap(BANDS, "bands", false);
  expect([map.rows, map.columns]).toEqual([2, 4]);
  expect([...map.profile]).toEqual([11, 22, 33, 44]);
  expect([...bandSums(map)]).toEqual([10, 100]);
});

test("a waveform's channels are summed", () => {
  expect([...soundMap(BANDS, "waveform", false).values]).toEqual([11, 22, 33, 44]);
});

test("many samples share a column: their sum, or their mean where each carries the whole feature", () => {
  const long = { shape: [1600], data: new Float32Array(1600).fill(1) };
  expect(soundMap(long, "waveform", false).values[7]).toBe(10);
  expect(soundMap(long, "waveform", true).values[7]).toBe(1);
  expect(soundMap(long, "waveform", true).columns).toBe(160);
});

test("a slice over all bands counts once", () => {
  const slices = { shape: [2, 3], data: Float32Array.from([1, 2, 3, 1, 2, 3]) };
  expect([...soundMap(slices, "bands", true).profile]).toEqual([1, 2, 3]);
});

test("the strongest columns are kept until they carry the share", () => {
  const profile = Float64Array.from([1, -6, 0, 3]);
  expect(strongestColumns(profile, 0.5)).toEqual([false, true, false, false]);
  expect(strongestColumns(profile, 0.9)).toEqual([false, true, false, true]);
  expect(strongestColumns(profile, 1)).toEqual([true, true, false, true]);
  expect(strongestColumns(new Float64Array(2), 0.5)).toEqual([false, false]);
});

test("bands and slices are called by Hz and seconds", () => {
  expect(bandNames([0, 500, 8000], 2)).toEqual(["0–500 Hz", "500–8k Hz"]);
  const features = soundFeatures("s", soundMap(BANDS, "bands", false), 2, false);
  expect(features.map(({ label, value }) => [label, value])[1]).toEqual(["0.50–1.00 s", 22]);
});

test("the mel scale gives low frequencies more room", () => {
  expect(melShare(0, 8000)).toBe(0);
  expect(melShare(8000, 8000)).toBe(1);
  expect(melShare(1000, 8000)).toBeGreaterThan(0.3);
});
