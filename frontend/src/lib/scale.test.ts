import { describe, expect, it } from "vitest";
import { among, figure, figureFixed, limitAt, percent, seconds, shareOf, signed } from "./scale";

describe("limitAt", () => {
  it("interpolates between strengths, whatever their sign and order", () => {
    const values = new Float32Array([-4, 0, 3, 1, -2]);
    expect(limitAt(values, 100)).toBe(4);
    expect(limitAt(values, 50)).toBe(2);
    expect(limitAt(values, 87.5)).toBeCloseTo(3.5);
  });

  it("takes the greatest where nearly all is zero, and zero where all is", () => {
    const sparse = new Float32Array(1000);
    sparse[7] = -0.5;
    expect(limitAt(sparse, 99)).toBe(0.5);
    expect(limitAt(new Float32Array(9), 99)).toBe(0);
    expect(limitAt(new Float32Array(0), 99)).toBe(0);
  });
});

describe("shareOf", () => {
  it("clips at the limit and leaves out the other sign", () => {
    expect(shareOf(3, 2, "both")).toBe(1);
    expect(shareOf(-1, 2, "both")).toBe(-0.5);
    expect(shareOf(-1, 2, "positive")).toBe(0);
    expect(shareOf(-1, 2, "negative")).toBe(-0.5);
    expect(shareOf(-1, 2, "absolute")).toBe(0.5);
  });

  it("is nothing where there is no scale or no number", () => {
    expect(shareOf(1, 0, "both")).toBe(0);
    expect(shareOf(NaN, 1, "both")).toBe(0);
  });
});

describe("figures", () => {
  it("keeps three figures and a true minus", () => {
    expect(figure(-0.31234)).toBe("−0.312");
    expect(figure(9.887)).toBe("9.89");
    expect(figure(12345.6)).toBe("12346");
    expect(figure(0.00001234)).toBe("1.23e−5");
    expect(figure(-2.5e7)).toBe("−2.50e7");
    expect(figure(0)).toBe("0");
    expect(figure(NaN)).toBe("not a number");
    expect(signed(2)).toBe("+2.00");
    expect(signed(-2)).toBe("−2.00");
  });

  it("lines numbers up by the greatest of them", () => {
    expect([4.55, -0.236, 0.00588].map((value) => among(value, 4.55))).toEqual([
      "4.55",
      "−0.24",
      "0.01",
    ]);
    expect(among(120.4, 350)).toBe("120");
    expect(among(0.0123, 0.2)).toBe("0.012");
    expect(among(3e-7, 9e-7)).toBe("3.00e−7");
  });

  it("writes shares, counts and times", () => {
    expect(percent(0.584)).toBe("58 %");
    expect(percent(-0.004)).toBe("0 %");
    expect(percent(0.0063, 1)).toBe("0.6 %");
    expect(figureFixed(-0.001, 2)).toBe("0.00");
    expect(seconds(0.0412)).toBe("41 ms");
    expect(seconds(3.21)).toBe("3.2 s");
    expect(seconds(125)).toBe("2 min 5 s");
  });
});
