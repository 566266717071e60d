import { describe, expect, it } from "vitest";
import { PALETTES } from "../lib/palette";
import { type OverlayStyle, overlayPixels } from "./pixels";

const palette = PALETTES.light;
const map = { width: 4, height: 1, channels: 1, values: new Float32Array([0, 2, -1, 8]) };
const style: OverlayStyle = {
  mode: "heat",
  sign: "both",
  palette,
  strengths: "violet",
  limit: 2,
  opacity: 0.5,
};

function pixels(change: Partial<OverlayStyle>): number[][] {
  const bytes = overlayPixels(map, { ...style, ...change });
  return [0, 1, 2, 3].map((i) => [...bytes.slice(4 * i, 4 * i + 4)]);
}

describe("overlayPixels", () => {
  it("draws heat opaque, from neutral to the poles, and clips", () => {
    const heat = pixels({});
    expect(heat[0]).toEqual([...palette.neutral, 255]);
    expect(heat[1]).toEqual([...palette.positive, 255]);
    expect(heat[3]).toEqual(heat[1]);
    expect(heat[2]).toEqual([224, 168, 140, 255]);
  });

  it("blends with the pole's colour at the strength's weight", () => {
    const blend = pixels({ mode: "blend" });
    expect(blend.map((pixel) => pixel[3])).toEqual([0, 128, 64, 128]);
    expect(blend[2]!.slice(0, 3)).toEqual([...palette.negative]);
  });

  it("leaves out the sign that is not asked for", () => {
    expect(pixels({ mode: "blend", sign: "positive" })[2]![3]).toBe(0);
    expect(pixels({ mode: "blend", sign: "negative" })[1]![3]).toBe(0);
    expect(pixels({ sign: "absolute" })[1]!.slice(0, 3)).toEqual([66, 24, 110]);
  });

  it("shows the picture in a mask by strength, whatever the sign", () => {
    expect(pixels({ mode: "mask" }).map((pixel) => pixel[3])).toEqual([0, 255, 180, 255]);
  });

  it("stays neutral where there is no scale", () => {
    const none = overlayPixels({ ...map, values: new Float32Array(4) }, { ...style, limit: 0 });
    expect([...none.slice(0, 3)]).toEqual([...palette.neutral]);
  });
});
