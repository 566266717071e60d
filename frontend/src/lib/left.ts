// How far a long run is, and how long the rest will take.

import { integer } from "./format";
import { seconds } from "./scale";

/** `since`: when it began, `now`: in milliseconds. */
export function passesLeft(done: number, total: number, since: number, now: number): string {
  if (!total || !done) return "Starting; other work goes first.";
  const passed = (now - since) / 1000;
  const passes = `${integer(done)} of ${integer(total)} passes`;
  return passed < 2 ? passes : `${passes}, about ${seconds((passed / done) * (total - done))} left`;
}
