// From numbers to what is drawn and written: limits, percentiles, and plain figures.

import type { Numbers } from "./safetensors";

export type Sign = "both" | "positive" | "negative" | "absolute";

/** The strength below which `percent` of all strengths lie. The greatest where that is zero (a very sparse map). */
export function limitAt(values: Numbers, percent: number): number {
  if (!values.length) return 0;
  const strengths = Float64Array.from(values, Math.abs).sort();
  const place = (Math.min(100, Math.max(0, percent)) / 100) * (strengths.length - 1);
  const below = Math.floor(place);
  const next = strengths[Math.min(strengths.length - 1, below + 1)]!;
  const limit = strengths[below]! + (next - strengths[below]!) * (place - below);
  return limit > 0 ? limit : strengths[strengths.length - 1]!;
}

/** The sum of all strengths. */
export function strengthOf(values: Numbers): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum;
}

/** A value as a share of the limit in -1..1, with what the chosen sign leaves out at zero. */
export function shareOf(value: number, limit: number, sign: Sign): number {
  if (!(limit > 0) || Number.isNaN(value)) return 0;
  const share = Math.max(-1, Math.min(1, value / limit));
  if (sign === "absolute") return Math.abs(share);
  if (sign === "positive") return Math.max(0, share);
  if (sign === "negative") return Math.min(0, share);
  return share;
}

/** Three significant figures, a true minus sign, and no exponent for everyday sizes. */
export function figure(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0) return "0";
  const text = size >= 1e6 || size < 1e-4 ? size.toExponential(digits - 1) : plain(size, digits);
  return (value < 0 && Number(text) !== 0 ? "−" : "") + text.replace("e-", "e−").replace("e+", "e");
}

function plain(size: number, digits: number): string {
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return size.toFixed(Math.min(decimals, 6));
}

/** Decimals that show numbers up to `limit` with three figures, so that they line up. */
export function decimalsFor(limit: number): number {
  if (!(limit > 0) || !Number.isFinite(limit)) return 0;
  return Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(limit))));
}

/** A number among others of which `limit` is the greatest: all with the same decimals, unless they are too small. */
export function among(value: number, limit: number): string {
  if (Number.isNaN(value) || !(limit >= 1e-4 && limit < 1e6)) return figure(value);
  return figureFixed(value, decimalsFor(limit));
}

/** As `figure`, with a plus sign before what is above zero. */
export function signed(value: number, digits = 3): string {
  return (value > 0 ? "+" : "") + figure(value, digits);
}

/** 0.584 -> "58 %", with a true minus sign. */
export function percent(share: number, decimals = 0): string {
  return `${figureFixed(100 * share, decimals)} %`;
}

/** A fixed number of decimals with a true minus sign, and never "−0". */
export function figureFixed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

export function seconds(value: number): string {
  if (value < 1) return `${Math.max(1, Math.round(value * 1000))} ms`;
  if (value < 90) return `${value.toFixed(value < 10 ? 1 : 0)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}
