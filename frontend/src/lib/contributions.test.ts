import { describe, expect, it } from "vitest";
import {
  barWhere,
  bothWhere,
  differs,
  hardlyWhere,
  jitter,
  needs,
  placeOf,
  quoted,
} from "./contributions";

describe("conditions", () => {
  it("quote what is no plain name", () => {
    expect(quoted("share.photo")).toBe("share.photo");
    expect(quoted("net.photo.Saliency.1f0a2b")).toBe("net.photo.Saliency.1f0a2b");
    expect(quoted("share.my photo")).toBe("`share.my photo`");
    expect(quoted("a`b")).toBe("`a``b`");
  });

  it("hold one bar, the last with its end, without the digits of divisions", () => {
    expect(barWhere("share.photo", 0.15000000000000002, 0.2, false)).toBe(
      "share.photo >= 0.15 and share.photo < 0.2",
    );
    expect(barWhere("share.photo", 0.95, 1, true)).toContain("<= 1");
    expect(hardlyWhere("net.photo")).toBe("net.photo > -0.1 and net.photo < 0.1");
  });

  it("join what was asked before", () => {
    expect(bothWhere("", "a < 1")).toBe("a < 1");
    expect(bothWhere("a < 1", "a < 1")).toBe("a < 1");
    expect(bothWhere("x or y", "a < 1")).toBe("(x or y) and a < 1");
  });
});

describe("figures", () => {
  it("differ where their intervals are apart, and say so only then", () => {
    const low = { mean: 0.1, interval: [0, 0.2] };
    const high = { mean: 0.5, interval: [0.3, 0.7] };
    expect(differs(low, high)).toBe(true);
    expect(differs(high, { mean: 0.6, interval: [0.5, 0.9] })).toBe(false);
    expect(differs(low, { mean: 1, interval: null })).toBeNull();
  });

  it("stand between the ends", () => {
    expect(placeOf(0, -1, 1)).toBe(50);
    expect(placeOf(7, 0, 1)).toBe(100);
    expect(placeOf(1, 1, 1)).toBe(50);
  });

  it("keep each dot in its place", () => {
    const places = Array.from({ length: 50 }, (_, index) => jitter(index));
    expect(places.every((place) => place >= 0 && place < 1)).toBe(true);
    expect(new Set(places).size).toBe(50);
    expect(jitter(7)).toBe(jitter(7));
  });
});

describe("without an input", () => {
  const figure = (mean: number | null, spread = 0.01) => ({
    mean,
    interval: mean === null ? null : [mean - spread, mean + spread],
  });

  it("the answers need it where accuracy falls for sure", () => {
    expect(needs("photo", figure(0.33), figure(0.67), figure(0.99))).toBe(
      "Without photo, 33 % of the answers change, and accuracy falls from 99 % to 67 %: the model uses it.",
    );
  });

  it("no more is said than the intervals allow", () => {
    expect(needs("photo", figure(0.02), figure(0.98, 0.1), figure(0.99))).toContain(
      "does not fall for sure",
    );
    expect(needs("photo", figure(0), figure(0.99), figure(0.99))).toContain("No answer changes");
    expect(needs("photo", figure(0.4), figure(0.9), figure(0.5))).toContain("misleads");
    expect(needs("photo", figure(0.4), figure(null), figure(null))).toBe(
      "Without photo, 40 % of the answers change.",
    );
    expect(needs("photo", figure(null), figure(1), figure(1))).toBe("");
  });
});
