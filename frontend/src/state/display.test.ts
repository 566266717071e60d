// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { display, draw, point, pointedFeature, readDisplay } from "./display";
import { query } from "./url";

describe("how things are drawn", () => {
  it("is read from the address, and falls back where that makes no sense", () => {
    const asked = {
      draw: "mask",
      sign: "absolute",
      colours: "grey",
      opacity: "40",
      clip: "95.5",
      smooth: "true",
    };
    expect(readDisplay(asked)).toMatchObject({
      mode: "mask",
      sign: "absolute",
      strengths: "grey",
      opacity: 40,
      clip: 95.5,
      smooth: true,
      measure: "shapley",
    });
    const odd = {
      draw: "paint",
      sign: "",
      opacity: "900",
      clip: "-3",
      smooth: "1",
      measure: "luck",
    };
    expect(readDisplay(odd)).toEqual({ ...readDisplay({}), opacity: 100, clip: 90 });
  });

  it("is written to the address without a step of history, and defaults are left out", () => {
    const steps = history.length;
    draw("mode", "heat");
    draw("clip", 98);
    expect(query.value).toMatchObject({ draw: "heat", clip: "98" });
    expect(display.value).toMatchObject({ mode: "heat", clip: 98 });
    draw("mode", "blend");
    draw("clip", 99);
    expect(query.value).toEqual({});
    expect(history.length).toBe(steps);
  });

  it("keeps one feature under the pointer", () => {
    point({ input: "question", id: "3" });
    const first = pointedFeature.value;
    point({ input: "question", id: "3" });
    expect(pointedFeature.value).toBe(first);
    point(null);
    expect(pointedFeature.value).toBeNull();
  });
});
