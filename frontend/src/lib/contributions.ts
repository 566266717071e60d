/** Contributions over many examples: which ones a bar stands for, and what figures say in words. */

import { percent } from "./scale";

export interface Interval {
  mean: number | null;
  interval: readonly number[] | null;
}

const PLAIN = /^[A-Za-z_]\w*(?:\.\w+)*$/;
const SHORT_OF = 0.1;

/** A column's name as `where` reads it. */
export function quoted(column: string): string {
  return PLAIN.test(column) ? column : `\`${column.replaceAll("`", "``")}\``;
}

/** The examples of one bar; the last bar includes its end. */
export function barWhere(column: string, from: number, to: number, last: boolean): string {
  const name = quoted(column);
  return `${name} >= ${tidy(from)} and ${name} ${last ? "<=" : "<"} ${tidy(to)}`;
}

/** The examples in which an input has less than a tenth of the say. */
export function hardlyWhere(column: string): string {
  const name = quoted(column);
  return `${name} > ${-SHORT_OF} and ${name} < ${SHORT_OF}`;
}

/** Two conditions as one; an empty one asks for nothing. */
export function bothWhere(before: string, added: string): string {
  const known = before.trim();
  if (known === "" || known === added) return added;
  return `(${known}) and ${added}`;
}

/** Whether two means differ by more than their 95 % intervals leave open; null where one has none. */
export function differs(a: Interval, b: Interval): boolean | null {
  if (!a.interval || !b.interval) return null;
  const [lowA = 0, highA = 0] = a.interval;
  const [lowB = 0, highB = 0] = b.interval;
  return highA < lowB || highB < lowA;
}

/** What dropping an input says: whether the answers need it, no more than the figures allow. */
export function needs(name: string, changed: Interval, without: Interval, whole: Interval): string {
  if (changed.mean === null) return "";
  if (changed.mean === 0)
    return `No answer changes without ${name}: nothing here shows that the model uses it.`;
  const part = percent(changed.mean, changed.mean < 0.1 ? 1 : 0);
  const begin = `Without ${name}, ${part} of the answers change`;
  if (without.mean === null || whole.mean === null || differs(without, whole) === null)
    return `${begin}.`;
  if (!differs(without, whole))
    return `${begin}, and accuracy does not fall for sure: the model hardly needs it here.`;
  const [from, to] = [percent(whole.mean), percent(without.mean)];
  if (without.mean > whole.mean)
    return `${begin}, and accuracy rises from ${from} to ${to}: it misleads the model.`;
  return `${begin}, and accuracy falls from ${from} to ${to}: the model uses it.`;
}

/** Where a value stands between two ends, in percent of the way, kept inside. */
export function placeOf(value: number, low: number, high: number): number {
  const share = high > low ? (value - low) / (high - low) : 0.5;
  return 100 * Math.min(1, Math.max(0, share));
}

/** A fixed place for an example's dot across its row, 0..1, so that dots do not hide one another. */
export function jitter(index: number): number {
  return (Math.imul(index + 1, 0x9e3779b1) >>> 0) / 2 ** 32;
}

function tidy(value: number): number {
  return Number(value.toPrecision(6));
}
