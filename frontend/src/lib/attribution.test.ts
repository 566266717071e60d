import { describe, expect, it } from "vitest";
import {
  channelFeatures,
  channelsAt,
  elementFeatures,
  mapOf,
  parseRegion,
  perToken,
  pictureFeatures,
  placeOf,
  regionAt,
  regionId,
  regionsOf,
  strongest,
  type ValueMap,
} from "./attribution";

const photo = {
  shape: [2, 2, 3],
  data: new Float32Array([1, 2, 3, 4, 5, 6, 10, -20, 30, 40, 50, 60]),
};

function blank(width: number, height: number): ValueMap {
  return { width, height, channels: 1, values: new Float32Array(width * height) };
}

describe("mapOf", () => {
  it("reads channels at the end where the picture's size says so", () => {
    const data = new Float32Array([1, 10, 2, -20, 3, 30, 4, 40, 5, 50, 6, 60]);
    const last = { shape: [2, 3, 2], data };
    const [map, same] = [mapOf(last, false, { width: 3, height: 2 })!, mapOf(photo)!];
    expect(map).toEqual(same);
    expect(channelsAt(last, map, 1, 1)).toEqual(channelsAt(photo, same, 1, 1));
  });

  it("adds the channels of each pixel", () => {
    const map = mapOf(photo)!;
    expect([map.width, map.height, map.channels]).toEqual([3, 2, 2]);
    expect([...map.values]).toEqual([11, -18, 33, 44, 55, 66]);
    expect(channelsAt(photo, map, 1, 0)).toEqual([2, -20]);
    expect(channelsAt(photo, map, 2, 1)).toEqual([6, 60]);
  });

  it("averages channels that share their feature's value", () => {
    expect([...mapOf(photo, true)!.values]).toEqual([5.5, -9, 16.5, 22, 27.5, 33]);
    const flat = { shape: [3, 9, 9], data: new Float32Array(243).fill(2) };
    const features = pictureFeatures("photo", mapOf(flat, true)!, true);
    expect(features.map((feature) => feature.value)).toEqual(features.map(() => 2));
  });

  it("takes a map without channels as it is, and refuses other shapes", () => {
    expect([...mapOf({ shape: [1, 2], data: new Float32Array([3, 4]) })!.values]).toEqual([3, 4]);
    expect(mapOf({ shape: [4], data: new Float32Array(4) })).toBeNull();
    expect(mapOf({ shape: [1, 1, 1, 1], data: new Float32Array(1) })).toBeNull();
  });
});

describe("regions", () => {
  it("cover each pixel exactly once, also where sides do not divide", () => {
    for (const [width, height] of [
      [64, 64],
      [10, 37],
      [3, 2],
      [225, 224],
    ] as const) {
      const map = blank(width, height);
      const regions = regionsOf(map);
      for (const { x0, y0, x1, y1 } of regions) {
        for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) map.values[y * width + x]! += 1;
      }
      expect(map.values.every((times) => times === 1)).toBe(true);
      expect(regions.length).toBeLessThanOrEqual(64);
    }
  });

  it("sum to the whole attribution", () => {
    const map = mapOf(photo)!;
    const total = pictureFeatures("photo", map).reduce((sum, feature) => sum + feature.value, 0);
    expect(total).toBeCloseTo(map.values.reduce((a, b) => a + b, 0));
  });

  it("are found from any pixel in them", () => {
    const map = blank(10, 37);
    for (const region of regionsOf(map)) {
      expect(regionAt(map, region.x0, region.y0)).toEqual(region);
      expect(regionAt(map, region.x1 - 1, region.y1 - 1)).toEqual(region);
    }
  });

  it("say where they lie", () => {
    const map = blank(90, 90);
    expect(placeOf(map, { x0: 0, y0: 0, x1: 10, y1: 10 })).toBe("top left");
    expect(placeOf(map, { x0: 40, y0: 40, x1: 50, y1: 50 })).toBe("centre");
    expect(placeOf(map, { x0: 80, y0: 40, x1: 90, y1: 50 })).toBe("right");
    expect(placeOf(map, { x0: 40, y0: 80, x1: 50, y1: 90 })).toBe("bottom");
  });

  it("are read back from their id", () => {
    const region = { x0: 8, y0: 16, x1: 24, y1: 32 };
    expect(parseRegion(regionId(region))).toEqual(region);
    expect(parseRegion("4")).toBeNull();
  });
});

describe("perToken", () => {
  it("sums what each token has, and takes single numbers as they are", () => {
    expect([...perToken({ shape: [3], data: new Float32Array([1, 2, 3]) })]).toEqual([1, 2, 3]);
    expect([...perToken({ shape: [2, 2], data: new Float32Array([1, 2, 3, -4]) })]).toEqual([
      3, -1,
    ]);
    expect([...perToken({ shape: [0], data: new Float32Array(0) })]).toEqual([]);
  });
});

describe("features", () => {
  it("puts the strongest first, whatever the sign, and leaves out zeros", () => {
    const words = elementFeatures("row", { shape: [3], data: new Float32Array([0, -3, 2]) });
    expect(strongest(words, 5).map((feature) => [feature.label, feature.value])).toEqual([
      ["[1]", -3],
      ["[2]", 2],
    ]);
    expect(strongest(words, 1)).toHaveLength(1);
  });

  it("names elements by their place", () => {
    const row = elementFeatures("row", { shape: [2, 3], data: new Float32Array(6) });
    expect(row.map((feature) => feature.label)).toEqual([
      "[0, 0]",
      "[0, 1]",
      "[0, 2]",
      "[1, 0]",
      "[1, 1]",
      "[1, 2]",
    ]);
  });
});

describe("channelFeatures", () => {
  const values = (shape: number[], data: number[]) =>
    channelFeatures("cnn", { shape, data: Float32Array.from(data) }).map(
      ({ label, value }) => `${label} ${value}`,
    );

  it("sums each channel over its places", () => {
    expect(values([2, 1, 2], [1, 2, 3, 4])).toEqual(["channel 0 3", "channel 1 7"]);
  });

  it("takes the last dimension of tokens, and units as they are", () => {
    expect(values([2, 3], [1, 2, 3, 4, 5, 6])).toEqual([
      "channel 0 5",
      "channel 1 7",
      "channel 2 9",
    ]);
    expect(values([2], [1, -2])).toEqual(["unit 0 1", "unit 1 -2"]);
  });
});
