import { describe, expect, it } from "vitest";
import { type Feature, isCertain, ranked, scaleOf } from "./overview";

function feature(name: string, count: number, mean: number, half: number, share: number): Feature {
  const [low, high] = count > 1 ? [mean - half, mean + half] : [null, null];
  return { name, count, mean, low, high, size: Math.abs(mean) + half, share };
}

const WORDS = [
  feature("the", 90, 0.1, 0.05, 0.5),
  feature("red", 30, 0.9, 0.1, 0.3),
  feature("not", 20, -0.7, 0.2, 0.19),
  feature("once", 1, 9, 0, 0.01),
];

describe("ranked", () => {
  const names = (by: Parameters<typeof ranked>[1]) => ranked(WORDS, by).map(({ name }) => name);
  it("puts what counts most in all first", () => {
    expect(names("share")).toEqual(["the", "red", "not", "once"]);
  });
  it("puts the strongest first, and words met once last", () => {
    expect(names("size")).toEqual(["red", "not", "the", "once"]);
  });
  it("tells apart what is for and what against", () => {
    expect(names("for")).toEqual(["red", "the", "not", "once"]);
    expect(names("against")).toEqual(["not", "the", "red", "once"]);
  });
});

describe("scaleOf", () => {
  it("is even about zero and holds the intervals", () => {
    expect(scaleOf(WORDS.slice(0, 3))).toEqual([-1, 1]);
    expect(scaleOf([])).toEqual([-1, 1]);
  });
});

describe("isCertain", () => {
  it("asks for an interval on one side of zero", () => {
    expect(WORDS.map(isCertain)).toEqual([true, true, true, false]);
    expect(isCertain(feature("maybe", 5, 0.1, 0.2, 0))).toBe(false);
  });
});
