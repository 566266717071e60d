import { describe, expect, it } from "vitest";
import {
  findings,
  inWords,
  matrixOf,
  rankCorrelation,
  shortName,
  sparseness,
  topCount,
  topOverlap,
  UNDEFINED,
} from "./agreement";

describe("rank correlation", () => {
  it("is one for the same order, minus one for the opposite, whatever the scale", () => {
    expect(rankCorrelation([1, 2, 3, 4], [10, 20, 300, 4000])).toBeCloseTo(1);
    expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1);
  });

  it("gives ties their mean rank", () => {
    // scipy.stats.spearmanr([1, 2, 2, 4, 5], [3, 1, 4, 4, 6])
    expect(rankCorrelation([1, 2, 2, 4, 5], [3, 1, 4, 4, 6])).toBeCloseTo(0.763158, 5);
  });

  it("is zero where one of the two says nothing", () => {
    expect(rankCorrelation([0, 0, 0], [1, 2, 3])).toBe(0);
    expect(rankCorrelation([], [])).toBe(0);
  });
});

describe("overlap of the strongest", () => {
  it("counts those in common by strength, not by sign", () => {
    expect(topOverlap([9, -8, 1, 0], [-7, 0, 0.5, 6], 2)).toBe(0.5);
    expect(topOverlap([9, -8, 1, 0], [8, 9, 0, 0], 2)).toBe(1);
  });

  it("never asks for more than there are", () => {
    expect(topOverlap([1, 2], [2, 1], 10)).toBe(1);
    expect(topOverlap([], [], 3)).toBe(0);
    expect([4, 8, 70].map(topCount)).toEqual([1, 2, 10]);
  });
});

describe("sparseness", () => {
  it("is the Gini index over all inputs", () => {
    expect(sparseness([new Float32Array([1, 1]), new Float64Array([-1, 1])])).toBeCloseTo(0);
    expect(sparseness([new Float32Array([0, 0, 0, 5])])).toBeCloseTo(0.75);
    expect(sparseness([new Float32Array([3, -1]), new Float32Array([0, 2])])).toBeCloseTo(5 / 12);
    expect(sparseness([new Float32Array(3)])).toBe(0);
  });
});

describe("agreement in words", () => {
  const names = ["Saliency", "Occlusion", "KernelSHAP", "LIME"];
  const say = (pairs: Record<string, number>) => {
    const places = names.map((_, i) => [i]);
    const matrix = matrixOf(places, (_a, _b, i, j) => pairs[`${j}${i}`] ?? 0.4);
    return inWords(findings(matrix), names, "methods");
  };

  it("names those that agree and those that stand apart", () => {
    expect(say({ "12": 0.8, "01": 0.1, "02": 0.2, "03": 0 })).toBe(
      "Occlusion and KernelSHAP agree; Saliency differs from every other one on this example.",
    );
  });

  it("puts into one group only those that agree each with each", () => {
    expect(say({ "12": 0.9, "23": 0.8, "13": 0.5 })).toBe(
      "Occlusion and KernelSHAP agree on this example.",
    );
    expect(say({ "12": 0.9, "23": 0.8, "13": 0.7 })).toBe(
      "Occlusion, KernelSHAP and LIME agree on this example.",
    );
  });

  it("says nothing of pairs that cannot be compared", () => {
    const pairs = { "01": UNDEFINED, "02": UNDEFINED, "03": UNDEFINED, "12": 0.8, "23": 0 };
    expect(say(pairs)).toBe("Occlusion and KernelSHAP agree on this example.");
  });

  it("says when all agree, none do, or nothing is clear", () => {
    const all = { "01": 0.9, "02": 0.9, "03": 0.9, "12": 0.9, "13": 0.9, "23": 0.9 };
    expect(say(all)).toBe("All 4 methods agree on this example.");
    const none = { "01": 0, "02": 0, "03": 0, "12": 0, "13": 0, "23": 0 };
    expect(say(none)).toBe("No two methods agree on this example.");
    expect(say({})).toContain("agree in part");
    expect(inWords(findings([[1]]), ["Saliency"], "methods")).toBe("");
  });
});

it("takes another word than agree", () => {
  const found = findings([
    [1, 0.9],
    [0.9, 1],
  ]);
  expect(inWords(found, ["yes", "no"], "targets", "rest on the same features")).toBe(
    "Both targets rest on the same features on this example.",
  );
});

it("shortens names to initials, or to the first letters", () => {
  expect(
    ["Integrated Gradients", "Saliency", "Input x gradient", "LIME", "KernelSHAP", "yes"].map(
      shortName,
    ),
  ).toEqual(["IG", "Sal", "IxG", "LIME", "KS", "yes"]);
});
