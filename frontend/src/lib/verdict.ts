// From a method's figures over many examples to what they say in words.

import { integer } from "./format";
import { percent } from "./scale";

export interface MeanOf {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly count: number;
}

export interface Figures {
  readonly gap: MeanOf | null;
  readonly deletion_gain: MeanOf | null;
  readonly insertion_gain: MeanOf | null;
}

export interface Measured {
  readonly name: string;
  readonly figures: Figures;
  /** Similarity with the trained model's attributions once all layers are random; null: not checked. */
  readonly similarity: MeanOf | null;
}

export type Against = "beats" | "ties" | "loses";
export type Weights = "changes" | "in part" | "stays" | "unknown";

/** Below the first a map is called changed by random weights, from the second on the same. */
export const CHANGES = 0.5;
export const STAYS = 0.8;
/** A completeness gap above this is said. */
export const GAP = 0.05;

/** Whether the gain over a random order is sure at 95 %. */
export function against(gain: MeanOf | null): Against {
  if (gain === null) return "ties";
  if ((gain.low ?? 0) > 0) return "beats";
  return (gain.high ?? 0) < 0 ? "loses" : "ties";
}

export function weights(similarity: MeanOf | null): Weights {
  if (similarity === null) return "unknown";
  if (similarity.mean < CHANGES) return "changes";
  return similarity.mean < STAYS ? "in part" : "stays";
}

export interface Sentence {
  readonly names: readonly string[];
  readonly text: string;
  readonly level: "right" | "warn" | "wrong";
}

/** Which methods may be relied on, which not, and why: one sentence for those that are alike. */
export function verdicts(methods: readonly Measured[]): Sentence[] {
  const groups = new Map<string, { names: string[]; level: Sentence["level"] }>();
  for (const method of methods) {
    const { key, level } = judged(method);
    const group = groups.get(key) ?? { names: [], level };
    group.names.push(method.name);
    groups.set(key, group);
  }
  const order = ["right", "warn", "wrong"];
  return [...groups]
    .sort(([, a], [, b]) => order.indexOf(a.level) - order.indexOf(b.level))
    .map(([key, { names, level }]) => ({ names, level, text: said(key, names.length > 1) }));
}

/** Whether any method may be relied on. */
export function anyReliable(sentences: readonly Sentence[]): boolean {
  return sentences.some(({ level }) => level === "right");
}

export interface Answered {
  /** Right answers as a share of those with a label, null where none has one. */
  readonly accuracy: number | null;
  readonly count: number;
  /** How many examples have each label. */
  readonly labels: readonly { readonly name: string; readonly count: number }[];
}

/** From so many answers on a model is compared with one that always says the same. */
const ENOUGH = 20;

/** Where a model is not surely better than one that always gives the commonest label: a sentence. */
export function nothingLearnt({ accuracy, count, labels }: Answered): string | null {
  const all = labels.reduce((sum, label) => sum + label.count, 0);
  if (accuracy === null || count < ENOUGH || all === 0 || labels.length < 2) return null;
  const common = labels.reduce((a, b) => (b.count > a.count ? b : a));
  const chance = common.count / all;
  const spread = 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / count);
  if (accuracy - spread > chance) return null;
  return `The model is right on ${percent(accuracy)} of these ${integer(count)} examples; always answering ${common.name} would be right on ${percent(chance)}. It may have learnt nothing that is worth explaining, and a faithful picture of it would show just that.`;
}

interface Area {
  readonly auc: number | null;
  readonly control: number | null;
}

export interface Believed {
  readonly weights: Weights;
  readonly level: Sentence["level"];
  /** Null where nothing was measured that tells. */
  readonly text: string | null;
}

/** Whether the attributions of one example may be believed: `check` is the randomisation check's. */
export function believed(
  measured: { readonly deletion: Area | null; readonly insertion: Area | null } | null,
  check: { readonly similarity: readonly (number | null)[] } | null,
): Believed {
  const similar = check?.similarity.at(-1) ?? null;
  const kept = weights(
    similar === null ? null : { mean: similar, low: null, high: null, count: 1 },
  );
  if (kept === "stays")
    return {
      weights: kept,
      level: "wrong",
      text: "It hardly changes with random weights: it shows the input, not this model.",
    };
  const out = beaten(measured?.deletion ?? null, -1);
  const into = beaten(measured?.insertion ?? null, 1);
  if (out === null && into === null) return { weights: kept, level: "warn", text: null };
  if (!out && !into)
    return {
      weights: kept,
      level: "wrong",
      text: "On this example it does no better than a random order: it may look plausible and say nothing of this model.",
    };
  if (out === false || into === false) {
    const [with_, without] = out ? ["go", "come"] : ["come", "go"];
    return {
      weights: kept,
      level: "warn",
      text: `On this example it beats a random order as features ${with_}, but not as they ${without}.`,
    };
  }
  const part = kept === "in part";
  return {
    weights: kept,
    level: part ? "warn" : "right",
    text: `On this example it beats a random order${part ? ", but changes only in part with random weights" : ": it found what the answer rests on"}.`,
  };
}

/** Whether a curve lies on the faithful side of random orders: below for -1, above for 1; null: not known. */
function beaten(area: Area | null, side: 1 | -1): boolean | null {
  if (area?.auc == null || area.control === null) return null;
  return side * (area.auc - area.control) > 0;
}

function judged({ figures, similarity }: Measured): { key: string; level: Sentence["level"] } {
  const [out, into] = [against(figures.deletion_gain), against(figures.insertion_gain)];
  const kept = weights(similarity);
  if (kept === "stays") return { key: "stays", level: "wrong" };
  if (out !== "beats" && into !== "beats") return { key: "random", level: "wrong" };
  if (out !== into) return { key: out === "beats" ? "deletion" : "insertion", level: "warn" };
  if (figures.gap && figures.gap.mean > GAP) return { key: "gap", level: "warn" };
  if (kept === "in part") return { key: "part", level: "warn" };
  return { key: kept === "changes" ? "faithful" : "unchecked", level: "right" };
}

function said(key: string, many: boolean): string {
  const [do_, beat, change, their] = many
    ? ["do", "beat", "change", "their pictures"]
    : ["does", "beats", "changes", "its pictures"];
  const both = `${beat} a random order on deletion and on insertion`;
  switch (key) {
    case "faithful":
      return `may be relied on here: ${many ? "they" : "it"} ${both}, and ${change} when the weights are randomised.`;
    case "unchecked":
      return `may be relied on here: ${many ? "they" : "it"} ${both}. Whether ${many ? "they depend" : "it depends"} on the weights could not be checked.`;
    case "part":
      return `${both}, but ${change} only in part when the weights are randomised: some of what ${their} show is the input, not this model.`;
    case "gap":
      return `${both}, but ${do_} not add up to the score: more steps or another baseline may help.`;
    case "deletion":
      return `${beat} a random order on deletion, but not for sure on insertion.`;
    case "insertion":
      return `${beat} a random order on insertion, but not for sure on deletion.`;
    case "stays":
      return `hardly ${change} with random weights: ${their} show the input, not this model.`;
    default:
      return `${do_} no better than a random order here: ${their} may look plausible and say nothing of this model.`;
  }
}

/** "A", "A and B", "A, B and C": the names with what stands between them. */
export function listed(names: readonly string[]): { name: string; after: string }[] {
  return names.map((name, place) => ({
    name,
    after: place === names.length - 1 ? "" : place === names.length - 2 ? " and " : ", ",
  }));
}
