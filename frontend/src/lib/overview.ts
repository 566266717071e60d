// Words and columns over a dataset: in which order they stand, and on which scale.

export interface Feature {
  readonly name: string;
  readonly count: number;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly size: number;
  readonly share: number;
}

/** Fewer occurrences than this say little where a word is. */
const LEAST = 5;

/** The features in the order asked for; words met only once or twice go last where only their mean counts. */
export function ranked<F extends Feature>(
  features: readonly F[],
  by: "share" | "size" | "for" | "against",
): F[] {
  if (by === "share") return [...features].sort((a, b) => b.share - a.share);
  const value = (feature: F) =>
    by === "size" ? feature.size : by === "for" ? feature.mean : -feature.mean;
  const rare = (feature: F) => Number(feature.count < LEAST);
  return [...features].sort((a, b) => rare(a) - rare(b) || value(b) - value(a));
}

/** The ends of a scale around zero that holds every interval of features met often enough. */
export function scaleOf(features: readonly Feature[]): [number, number] {
  let most = 0;
  for (const { mean, low, high, count } of features) {
    most = Math.max(most, Math.abs(mean));
    if (count >= LEAST) most = Math.max(most, Math.abs(low ?? 0), Math.abs(high ?? 0));
  }
  return most > 0 ? [-most, most] : [-1, 1];
}

/** Whether the interval lies wholly on one side of zero. */
export function isCertain({ low, high }: Feature): boolean {
  return low !== null && high !== null && (low > 0 || high < 0);
}
