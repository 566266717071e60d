// A table's columns in words.

import type { Part } from "./attribution";
import { figure } from "./scale";

interface Column {
  readonly name: string;
  readonly unit: string | null;
  readonly value: number | string | null;
  readonly start: number;
  readonly width: number;
}

/** A column's value: "6.58", "male" or "missing". */
export function written(value: number | string | null): string {
  if (value === null) return "missing";
  return typeof value === "number" ? number(value) : value;
}

/** Whole numbers in full, others with four figures. */
function number(value: number): string {
  const whole = Number.isInteger(value) && Math.abs(value) < 1e9;
  return whole ? String(value).replace("-", "−") : figure(value, 4);
}

/** The columns as parts of the row, each with its value and unit as a note. */
export function partsOf(columns: readonly Column[]): Part[] {
  return columns.map(({ name, unit, value, start, width }) => ({
    name,
    note: [written(value), value === null ? null : unit].filter(Boolean).join(" "),
    start,
    width,
  }));
}
