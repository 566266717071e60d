import { figure, percent } from "../../lib/scale";
import type { Summary } from "../../state/board";
import type { Measure } from "../../state/display";

export const MEASURES: readonly { id: Measure; title: string; help: string; key: string }[] = [
  {
    id: "net",
    title: "Net",
    key: "n",
    help: "Attributions summed with their signs, as shares. What speaks for and against cancels, so an input that matters can come to 0 %.",
  },
  {
    id: "magnitude",
    title: "Magnitude",
    key: "m",
    help: "Attributions summed without their signs, as shares. Biased: an input with more elements, such as a picture, tends to come out larger.",
  },
  {
    id: "shapley",
    title: "Shapley",
    key: "s",
    help: "Exact: what each input adds, averaged over every order in which inputs can take the place of their baselines, as shares of the absolute values.",
  },
];

/** "0.42 (0.40 to 0.45)" in percent: a mean and its 95 % interval. */
export function share(
  { mean, interval }: Pick<Summary, "mean" | "interval">,
  [low, high]: readonly [number, number] = [0, 1],
): string {
  if (mean === null) return "none";
  // Of a few examples the interval may reach beyond what a share can be.
  const kept = interval?.map((end) => Math.min(high, Math.max(low, end))) ?? null;
  return `${percent(mean)}${between(kept, (v) => percent(v))}`;
}

/** The same as a plain number. */
export function plain({ mean, interval }: Pick<Summary, "mean" | "interval">): string {
  return mean === null ? "none" : `${figure(mean)}${between(interval, figure)}`;
}

function between(interval: readonly number[] | null, text: (value: number) => string): string {
  if (!interval) return "";
  const [low = 0, high = 0] = interval;
  return ` (${text(low).replace(/ %$/, "")} to ${text(high)})`;
}

/** "0.1 to 0.15: 7 examples". */
export function barText(from: number, to: number, count: number): string {
  const examples = `${count} ${count === 1 ? "example" : "examples"}`;
  return `${percent(from).replace(/ %$/, "")} to ${percent(to)}: ${examples}`;
}

/** What an input is not used for, by its modality. */
export function without(name: string, modality: string | undefined): string {
  if (modality === "image" || modality === "video") return `Answers without looking at ${name}`;
  if (modality === "text") return `Answers without reading ${name}`;
  if (modality === "audio") return `Answers without listening to ${name}`;
  return `Answers without ${name}`;
}
