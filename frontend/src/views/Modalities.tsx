import { useEffect } from "preact/hooks";
import { Button } from "../components/Button";
import { ActiveFilters } from "../components/gallery/ActiveFilters";
import { Distribution } from "../components/modalities/Distribution";
import { Dropped } from "../components/modalities/Dropped";
import { Groups } from "../components/modalities/Groups";
import { BaselineNote, Head } from "../components/modalities/Head";
import { Interactions } from "../components/modalities/Interactions";
import { Loners } from "../components/modalities/Loners";
import { Models, RightWrong } from "../components/modalities/Outcomes";
import { Compute, SweepBar } from "../components/modalities/SweepBar";
import { Hint, Notice } from "../components/Notice";
import { count } from "../lib/format";
import type { Board } from "../state/board";
import { NO_FILTER } from "../state/filter";
import { bindKeys } from "../state/keys";
import {
  chooseMeasure,
  computedCount,
  followModalities,
  hasShapley,
  nextInput,
  reasonAgainstView,
} from "../state/modalities";
import { retrySweep, startSweep, sweepRun, sweepState } from "../state/sweep";
import { navigate } from "../state/url";

/** What decides the answers over the dataset: the picture, the words, or both together? */
export function Modalities({ board }: { board: Board }) {
  const reason = reasonAgainstView(board);
  if (reason !== null) {
    return (
      <div class="centered">
        <Hint>
          <p class="notice-title">There is nothing to compare here.</p>
          <p>{reason}</p>
          <Button onClick={() => navigate({ view: "explain" })}>Open Explain</Button>
        </Hint>
      </div>
    );
  }
  return <Compared board={board} />;
}

function Compared({ board }: { board: Board }) {
  useEffect(() => follow(board), [board.inputs]);
  const { value: state, error } = sweepState.value;
  const exact = hasShapley(board);
  return (
    <section class="modalities" aria-label="Modalities">
      <Head board={board} />
      <ActiveFilters board={board} />
      {error && <Refused />}
      {state && state.examples === 0 && (
        <Hint>
          No example matches the filter.{" "}
          <Button onClick={() => navigate({ ...NO_FILTER, sample: null, draw: null })}>
            Clear all filters
          </Button>
        </Hint>
      )}
      <SweepBar />
      {state && state.examples > 0 && computedCount.value === 0 && !sweepRun.value && <Nothing />}
      {computedCount.value > 0 && (
        <div class="mod-grid">
          <div class="mod-column">
            <Distribution board={board} />
            <Groups board={board} />
            {exact && <Interactions />}
          </div>
          <div class="mod-column">
            {board.labelled && board.output.kind !== "regression" && <RightWrong />}
            {exact && board.output.kind !== "regression" && <Dropped board={board} />}
            {board.models.length > 1 && <Models />}
            <Loners board={board} />
          </div>
        </div>
      )}
    </section>
  );
}

function follow(board: Board): () => void {
  const compute = () => void startSweep();
  const ends = [
    followModalities(),
    bindKeys({
      n: () => chooseMeasure("net"),
      m: () => chooseMeasure("magnitude"),
      ...(hasShapley(board) && { s: () => chooseMeasure("shapley") }),
      i: nextInput,
      c: compute,
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function Refused() {
  const { error } = sweepState.value;
  if (!error) return null;
  const filters = error.status === 422 && /^(where|filter|sort|q)/.test(error.field ?? "");
  return filters ? (
    <Notice error={error} mend="Clear all filters" retry={() => navigate(NO_FILTER)} />
  ) : (
    <Notice error={error} retry={retrySweep} />
  );
}

/** Before anything is computed: what the view would say, and what that costs. */
function Nothing() {
  const state = sweepState.value.value;
  return (
    <div class="mod-empty">
      <h2>Does the answer come from one input alone?</h2>
      <p>
        For each of the {count(state?.examples ?? 0, "example")} above, the model is asked again
        with inputs replaced by their baselines. That tells how much each input counts, for which
        answers, and what becomes of them without it. It runs behind everything else, can be
        cancelled, and goes on where it stopped.
      </p>
      <BaselineNote />
      <div class="mod-bar">
        <Compute />
      </div>
    </div>
  );
}
