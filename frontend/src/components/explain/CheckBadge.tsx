import { figureFixed } from "../../lib/scale";
import { weights } from "../../lib/verdict";
import { shown } from "../../state/explain";
import { checkOf, measureOf, startMeasure } from "../../state/measures";

const MEANS =
  "Whether this map changes when the model forgets all it learned. One that stays the same shows the input, not this model.";

/** The randomisation check beside a heat map: made on request, since it takes the method's passes once a layer. */
export function CheckBadge() {
  const now = shown.value;
  if (!now?.result || now.stale || now.request.layer) return null;
  const request = checkOf(now.request);
  const { state, measured, progress, error } = measureOf(request).value;
  if (state === "done" && measured) {
    const similarity = measured.metrics.randomisation?.similarity.at(-1);
    if (similarity == null) {
      return (
        <span class="check-badge" title={measured.warnings.join(" ")}>
          random weights: cannot be checked
        </span>
      );
    }
    const kind = weights({ mean: similarity, low: null, high: null, count: 1 });
    const [level, word] = WORDS[kind];
    return (
      <span
        class={`check-badge ${level}`}
        title={`${MEANS} Rank correlation with the trained model's features: ${figureFixed(similarity, 2)}.`}
      >
        {word}
      </span>
    );
  }
  if (state === "running" || state === "waiting") {
    const share = progress?.total ? Math.floor((100 * progress.done) / progress.total) : 0;
    return <span class="check-badge num">checking, {share} %</span>;
  }
  return (
    <button
      type="button"
      class="check-badge link"
      title={error ? `${error.title} ${error.detail ?? ""}` : MEANS}
      onClick={() => startMeasure(request)}
    >
      {state === "failed" ? "check failed, try again" : "check random weights"}
    </button>
  );
}

const WORDS = {
  changes: ["right", "changes with random weights"],
  "in part": ["warn", "changes in part with random weights"],
  stays: ["wrong", "stays the same with random weights"],
  unknown: ["", "not checked"],
} as const;
