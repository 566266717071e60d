import { count, integer } from "../../lib/format";
import { board } from "../../state/board";
import {
  cancelPredictions,
  listOutdated,
  type PredictionRun,
  predictionRun,
  updateList,
} from "../../state/predictions";
import { Button } from "../Button";
import { Progress } from "../Progress";

/** How far the predictions of all examples are, while the gallery is in use. */
export function PredictionProgress() {
  const run = predictionRun.value;
  if ((!run || run.state === "done") && !listOutdated.value) return null;
  return (
    <div class="toolbar-row prediction-progress">
      {run?.state === "running" && (
        <>
          <Progress
            label="Predicting all examples"
            {...run.progress}
            onCancel={cancelPredictions}
          />
          <span class="muted num">{runText(run)}</span>
        </>
      )}
      {run?.state === "cancelled" && (
        <span class="muted">
          Predictions were stopped at {integer(run.progress.done)} of{" "}
          {count(board.value?.size ?? 0, "example")}. They go on when the server starts again.
        </span>
      )}
      {run?.state === "failed" && (
        <span class="failed" role="alert">
          Predictions stopped: {run.reason ?? "the server gave no reason."}
        </span>
      )}
      {listOutdated.value && (
        <Button onClick={updateList} title="New predictions may add examples to this list">
          Update the list
        </Button>
      )}
    </div>
  );
}

function runText({ lost, progress }: PredictionRun): string {
  if (lost) return "The connection is lost; trying again.";
  if (progress.total === 0) return "Starting.";
  return `${integer(progress.done)} of ${count(progress.total, "example")} so far; counts grow until then.`;
}
