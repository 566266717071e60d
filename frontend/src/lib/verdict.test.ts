import { expect, test } from "vitest";
import {
  against,
  anyReliable,
  believed,
  listed,
  type MeanOf,
  nothingLearnt,
  verdicts,
  weights,
} from "./verdict";

const mean = (value: number, half = 0.05): MeanOf => ({
  mean: value,
  low: value - half,
  high: value + half,
  count: 20,
});

const method = (name: string, out: number, into: number, similar: number | null, gap = 0) => ({
  name,
  figures: {
    gap: gap ? mean(gap) : null,
    deletion_gain: mean(out),
    insertion_gain: mean(into),
  },
  similarity: similar === null ? null : mean(similar),
});

test("one example's attributions are believed by what was measured of them", () => {
  const area = (auc: number, control = 0.5) => ({ auc, control });
  const good = { deletion: area(0.1), insertion: area(0.9) };
  expect(believed(good, { similarity: [1, 0.2] })).toMatchObject({
    level: "right",
    weights: "changes",
    text: expect.stringContaining("beats a random order: it found"),
  });
  expect(believed(good, null)).toMatchObject({ level: "right", weights: "unknown" });
  expect(believed(good, { similarity: [1, 0.6] })).toMatchObject({ level: "warn" });
  expect(believed(good, { similarity: [1, 0.95] })).toMatchObject({ level: "wrong" });
  const mixed = believed({ deletion: area(0.1), insertion: area(0.4) }, null);
  expect(mixed).toMatchObject({ level: "warn", text: expect.stringContaining("as features go") });
  const bad = believed({ deletion: area(0.6), insertion: area(0.4) }, null);
  expect(bad).toMatchObject({ level: "wrong", text: expect.stringContaining("no better") });
  const none = { auc: null, control: null };
  expect(believed({ deletion: none, insertion: null }, null).text).toBeNull();
  expect(believed(null, { similarity: [1, 0.1] }).text).toBeNull();
});

test("a gain counts where its whole interval lies on one side", () => {
  expect(against(mean(0.2))).toBe("beats");
  expect(against(mean(0.04))).toBe("ties");
  expect(against(mean(-0.2))).toBe("loses");
  expect(against({ mean: 0.9, low: null, high: null, count: 1 })).toBe("ties");
  expect(against(null)).toBe("ties");
});

test("random weights change a map, change it in part, or leave it as it is", () => {
  expect(weights(mean(0.1))).toBe("changes");
  expect(weights(mean(0.6))).toBe("in part");
  expect(weights(mean(0.95))).toBe("stays");
  expect(weights(null)).toBe("unknown");
});

test("those alike share a sentence, the reliable first", () => {
  const found = verdicts([
    method("Guided backprop", 0.3, 0.3, 0.95),
    method("Occlusion", 0.4, 0.4, 0.2),
    method("Saliency", 0, 0, 0.3),
    method("Integrated Gradients", 0.4, 0.3, 0.1),
  ]);
  expect(found.map(({ names }) => names)).toEqual([
    ["Occlusion", "Integrated Gradients"],
    ["Guided backprop"],
    ["Saliency"],
  ]);
  expect(found[0]?.text).toBe(
    "may be relied on here: they beat a random order on deletion and on insertion, and change when the weights are randomised.",
  );
  expect(found[1]?.text).toContain("show the input, not this model");
  expect(found[2]?.text).toContain("no better than a random order");
  expect(anyReliable(found)).toBe(true);
});

test("a method that no figure speaks for is not called reliable", () => {
  expect(anyReliable(verdicts([method("A", 0.3, 0, 0.1)]))).toBe(false);
  expect(anyReliable(verdicts([method("A", 0.3, 0.3, 0.6)]))).toBe(false);
  expect(anyReliable(verdicts([method("A", 0.3, 0.3, 0.1, 0.4)]))).toBe(false);
  expect(anyReliable(verdicts([method("A", 0.3, 0.3, null)]))).toBe(true);
});

test("names are joined as one speaks", () => {
  const text = (names: string[]) =>
    listed(names)
      .map(({ name, after }) => name + after)
      .join("");
  expect(text(["A"])).toBe("A");
  expect(text(["A", "B", "C"])).toBe("A, B and C");
});

const labels = [
  { name: "yes", count: 60 },
  { name: "no", count: 40 },
];

test("calls a model that is no better than the commonest label into doubt", () => {
  expect(nothingLearnt({ accuracy: 0.61, count: 100, labels })).toContain(
    "always answering yes would be right on 60 %",
  );
  expect(nothingLearnt({ accuracy: 0.1, count: 100, labels })).toContain("right on 10 %");
});

test("doubts no model where it is better, or where too little is known", () => {
  expect(nothingLearnt({ accuracy: 0.9, count: 100, labels })).toBeNull();
  expect(nothingLearnt({ accuracy: 0.1, count: 5, labels })).toBeNull();
  expect(nothingLearnt({ accuracy: null, count: 0, labels })).toBeNull();
  expect(nothingLearnt({ accuracy: 1, count: 50, labels: labels.slice(0, 1) })).toBeNull();
});
