const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 9673 -> "9,673". */
export function integer(value: number): string {
  return grouped.format(value);
}

/** "1 example", "9,673 examples". */
export function count(value: number, noun: string): string {
  return `${integer(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** 0.5314 -> "0.531"; a score that only rounds to one, or to zero, says so. */
export function probability(value: number): string {
  if (value > 0 && value < 0.0005) return "<0.001";
  return value < 1 && value >= 0.9995 ? ">0.999" : value.toFixed(3);
}

/** 0.6149 -> "61.5 %". */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** One class's name, or several joined; null where there is none. */
export function names(name: string | string[] | null): string | null {
  if (!Array.isArray(name)) return name;
  return name.length > 0 ? name.join(", ") : "none";
}
