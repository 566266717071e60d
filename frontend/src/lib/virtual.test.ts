import { describe, expect, it } from "vitest";
import { gridLayout, scrollScale, scrollToRow, visibleRows } from "./virtual";

const rules = { minColumn: 100, gap: 10, padding: 20, height: (width: number) => width + 50 };

describe("gridLayout", () => {
  it("fits as many columns as there is room for, and fills the width", () => {
    const layout = gridLayout(500, rules);
    expect(layout.columns).toBe(4);
    expect(layout.width * 4 + 3 * 10).toBeLessThanOrEqual(460);
    expect(layout.width).toBe(107);
    expect(layout.rowStep).toBe(layout.height + 10);
  });

  it("has one column however narrow the page is", () => {
    expect(gridLayout(0, rules)).toMatchObject({ columns: 1, width: 100 });
  });
});

describe("visibleRows", () => {
  it("covers the viewport and a little more, within the list", () => {
    expect(visibleRows(0, 500, 100, 1000, 2)).toEqual({ first: 0, end: 7 });
    expect(visibleRows(50_030, 500, 100, 1000, 2)).toEqual({ first: 498, end: 508 });
    expect(visibleRows(99_900, 500, 100, 1000, 2)).toEqual({ first: 997, end: 1000 });
    expect(visibleRows(0, 500, 100, 0, 2)).toEqual({ first: 0, end: 0 });
  });
});

describe("scrollScale", () => {
  it("leaves lists alone that a browser can lay out", () => {
    expect(scrollScale(5_000_000, 800)).toEqual({ height: 5_000_000, scale: 1 });
  });

  it("reaches the last pixel of a longer list at the end of the scroll bar", () => {
    const { height, scale } = scrollScale(60_000_000, 800);
    expect((height - 800) * scale).toBeCloseTo(60_000_000 - 800);
  });
});

describe("scrollToRow", () => {
  it("moves as little as shows the whole row", () => {
    expect(scrollToRow(3, 100, 500, 100, 20)).toBe(100);
    expect(scrollToRow(0, 100, 500, 100, 20)).toBe(0);
    expect(scrollToRow(9, 100, 500, 100, 20)).toBe(520);
  });
});
