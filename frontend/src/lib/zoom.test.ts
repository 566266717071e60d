import { describe, expect, it } from "vitest";
import { CLOSEST, formatZoom, panned, parseZoom, WHOLE, zoomedAt } from "./zoom";

describe("zoom", () => {
  it("keeps the place under the pointer where it is", () => {
    const close = zoomedAt(WHOLE, 4, 0.5, 0.25);
    expect(close.scale).toBe(4);
    expect((0.5 - close.x) * close.scale).toBeCloseTo(0.5);
    expect((0.25 - close.y) * close.scale).toBeCloseTo(0.25);
  });

  it("never leaves the picture", () => {
    expect(zoomedAt(WHOLE, 0.5, 0.2, 0.2)).toEqual(WHOLE);
    expect(zoomedAt(WHOLE, 1e6, 0, 0).scale).toBe(CLOSEST);
    const corner = panned(zoomedAt(WHOLE, 2, 0.5, 0.5), 9, -9);
    expect(corner).toEqual({ scale: 2, x: 0.5, y: 0 });
  });

  it("is written to the address and read back", () => {
    const zoom = zoomedAt(WHOLE, 2.5, 0.7, 0.3);
    expect(parseZoom(formatZoom(zoom) ?? undefined).x).toBeCloseTo(zoom.x, 3);
    expect(formatZoom(WHOLE)).toBeNull();
    for (const odd of [undefined, "", "2", "a,b,c", "2,0.1,NaN"])
      expect(parseZoom(odd)).toEqual(WHOLE);
    expect(parseZoom("4,9,-1")).toEqual({ scale: 4, x: 0.75, y: 0 });
  });
});
