import { describe, expect, it } from "vitest";
import {
  frameAfter,
  frameArray,
  frameMap,
  frameText,
  heights,
  parseTube,
  profileOf,
  stripOf,
  strongestFrame,
  tubeAt,
  tubeFeatures,
  volumeOf,
} from "./video";

/** (2 frames, 2 channels, 1 row, 3 columns): 0..11. */
const FIRST = { shape: [2, 2, 1, 3], data: Float32Array.from({ length: 12 }, (_, i) => i) };
/** The same with channels in front. */
const SECOND = {
  shape: [2, 2, 1, 3],
  data: Float32Array.from([0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11]),
};
/** And with channels last. */
const LAST = {
  shape: [2, 1, 3, 2],
  data: Float32Array.from([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]),
};

describe("volumeOf", () => {
  it("sums channels, whatever the layout", () => {
    const expected = [3, 5, 7, 15, 17, 19];
    expect([...volumeOf(FIRST, "TCHW")!.values]).toEqual(expected);
    expect([...volumeOf(SECOND, "CTHW")!.values]).toEqual(expected);
    expect([...volumeOf(LAST, "THWC")!.values]).toEqual(expected);
  });

  it("averages channels that share a value, and reads grey clips", () => {
    expect([...volumeOf(FIRST, "TCHW", true)!.values]).toEqual([1.5, 2.5, 3.5, 7.5, 8.5, 9.5]);
    const grey = volumeOf({ shape: [2, 1, 2], data: Float32Array.from([1, 2, 3, 4]) }, "THW")!;
    expect([grey.frames, grey.height, grey.width, grey.channels]).toEqual([2, 1, 2, 1]);
    expect([...grey.values]).toEqual([1, 2, 3, 4]);
  });

  it("knows when it cannot read an array", () => {
    expect(volumeOf({ shape: [4, 3], data: new Float32Array(12) }, "TCHW")).toBeNull();
  });
});

it("cuts single frames out", () => {
  const volume = volumeOf(FIRST, "TCHW")!;
  expect([...frameMap(volume, 1).values]).toEqual([15, 17, 19]);
  expect([...frameMap(volume, 9).values]).toEqual([15, 17, 19]);
  const array = frameArray(SECOND, "CTHW", 1);
  expect(array.shape).toEqual([2, 1, 3]);
  expect([...array.data]).toEqual([6, 7, 8, 9, 10, 11]);
});

it("tells what each frame carries, for and against apart", () => {
  const values = Float32Array.from([1, -2, 0, 0, 3, 4]);
  const volume = { frames: 3, width: 2, height: 1, channels: 1, values };
  const profile = profileOf(volume);
  expect(profile).toEqual([
    { for: 1, against: -2 },
    { for: 0, against: 0 },
    { for: 7, against: 0 },
  ]);
  expect(profileOf(volume, true)[0]).toEqual({ for: 0.5, against: -1 });
  expect(strongestFrame(profile)).toBe(2);
  expect(heights(profile)).toEqual({ above: 7, below: 2 });
  expect(strongestFrame([])).toBe(0);
});

it("chooses frames for a strip evenly", () => {
  expect(stripOf(16, 4)).toEqual([2, 6, 10, 14]);
  expect(stripOf(3, 8)).toEqual([0, 1, 2]);
  expect(stripOf(1, 0)).toEqual([0]);
});

it("plays on in time, again from the first frame or to the last", () => {
  expect(frameAfter(3, 990, 8, 16, true)).toBe(10);
  expect(frameAfter(14, 500, 8, 16, true)).toBe(2);
  expect(frameAfter(14, 500, 8, 16, false)).toBe(15);
});

it("names frames by number and by time", () => {
  expect(frameText(9, 16, 8)).toBe("frame 9 of 16, 1.13 s");
  expect(frameText(9, 16, null)).toBe("frame 9 of 16");
});

describe("tubeFeatures", () => {
  const values = new Float32Array(16 * 16 * 16).fill(1);
  const volume = { frames: 16, width: 16, height: 16, channels: 1, values };

  it("sums squares through slices of time", () => {
    const features = tubeFeatures("clip", volume);
    expect(features.length).toBe(8 * 8 * 8);
    expect(features[0]).toMatchObject({ label: "frames 0–1", note: "top left", value: 8 });
    expect(tubeFeatures("clip", volume, true)[0]!.value).toBe(1);
  });

  it("finds the tube of a pixel again", () => {
    const id = tubeAt(volume, { x0: 2, y0: 4, x1: 4, y1: 6 }, 5);
    expect(tubeFeatures("clip", volume).map((feature) => feature.id)).toContain(id);
    expect(parseTube(id)).toEqual({ x0: 2, y0: 4, x1: 4, y1: 6, t0: 4, t1: 6 });
    expect(parseTube("1,2,3,4")).toBeNull();
  });
});
