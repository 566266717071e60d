import { describe, expect, it } from "vitest";
import { css, diverging, inkOn, luminance, mix, PALETTES, type Rgb, sequential } from "./palette";

const themes = Object.values(PALETTES);

function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

describe("palette", () => {
  it("passes through the neutral and ends at the poles", () => {
    for (const palette of themes) {
      expect(diverging(palette, 0)).toEqual(palette.neutral);
      expect(diverging(palette, 1)).toEqual(palette.positive);
      expect(diverging(palette, -1)).toEqual(palette.negative);
      expect(diverging(palette, 9)).toEqual(palette.positive);
    }
  });

  it("gives equal strengths of either sign about the same lightness", () => {
    for (const palette of themes) {
      for (const value of [0.25, 0.5, 1]) {
        expect(contrast(diverging(palette, value), diverging(palette, -value))).toBeLessThan(1.35);
      }
    }
  });

  it("keeps text readable on every colour it can give", () => {
    for (const palette of themes) {
      for (let value = -1; value <= 1; value += 0.05) {
        const back = diverging(palette, value);
        const ink: Rgb = inkOn(back) === "#fff" ? [255, 255, 255] : [0, 0, 0];
        expect(contrast(back, ink)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it("grows in contrast to the start along each sequential map", () => {
    for (const palette of themes) {
      for (const name of ["violet", "viridis", "grey"] as const) {
        const start = sequential(palette, name, 0);
        const steps = [0.1, 0.3, 0.5, 0.7, 1].map((t) =>
          contrast(start, sequential(palette, name, t)),
        );
        expect(steps).toEqual([...steps].sort((a, b) => a - b));
      }
    }
  });

  it("mixes and writes colours", () => {
    expect(mix([0, 0, 0], [10, 20, 30], 0.5)).toEqual([5, 10, 15]);
    expect(css([1.4, 2.6, 255])).toBe("rgb(1 3 255)");
  });
});

describe("the style sheet's tokens", () => {
  const hex = ([r, g, b]: Rgb) =>
    `#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  const long = (text: string) => (text.length === 4 ? text.replace(/[0-9a-f]/g, "$&$&") : text);
  const tokensOf = (block: string) =>
    Object.fromEntries(
      [...block.matchAll(/--(pos|neg|mid): (#[0-9a-f]+);/g)].map((m) => [m[1], long(m[2]!)]),
    );

  it("name the same colours", async () => {
    const { readFileSync } = await import("node:fs" as string);
    const tokens: string = readFileSync("src/styles/tokens.css", "utf8");
    const [light, dark] = tokens.split('[data-theme="dark"]') as [string, string];
    for (const [block, palette] of [
      [light, PALETTES.light],
      [dark, PALETTES.dark],
    ] as const) {
      expect(tokensOf(block)).toEqual({
        pos: hex(palette.positive),
        neg: hex(palette.negative),
        mid: hex(palette.neutral),
      });
    }
  });
});
