// Figures side by side: which of them is the best, and how shares are written.

import { percent } from "./scale";

export type Better = "lower" | "higher";

/** The places of the best of several figures; none where fewer than two are known, or all are alike. */
export function bestOf(values: readonly (number | null)[], better: Better): number[] {
  const known = values.filter((value) => value !== null);
  const best = better === "lower" ? Math.min(...known) : Math.max(...known);
  if (known.length < 2 || known.every((value) => value === best)) return [];
  return values.flatMap((value, place) => (value === best ? place : []));
}

/** {photo: 0.58, question: 0.42} -> "58 : 42"; with signs where one of them is below zero. */
export function proportion(shares: Readonly<Record<string, number | null>>): string {
  const values = Object.values(shares);
  if (values.some((value) => value === null)) return "none";
  const signs = values.some((value) => (value ?? 0) < 0);
  return values
    .map((value) => {
      const text = percent(value ?? 0).replace(" %", "");
      return signs && (value ?? 0) > 0 ? `+${text}` : text;
    })
    .join(" : ");
}
