import { integer } from "../../lib/format";
import { type Cell, runColumn } from "../../state/compare";
import { cancelRun } from "../../state/runs";
import { Button } from "../Button";
import { Notice } from "../Notice";
import { Progress } from "../Progress";

/** What stands in a column that has nothing to draw: how far it is, or why there is nothing. */
export function CellStatus({ cell }: { cell: Cell }) {
  const { run, request, problem } = cell;
  if (problem !== null || !run || !request) {
    return <p class="cell-status">{problem}</p>;
  }
  switch (run.state) {
    case "failed":
      return (
        <div class="cell-status">
          {run.error && <Notice error={run.error} retry={() => runColumn(cell)} />}
        </div>
      );
    case "cancelled":
      return (
        <div class="cell-status">
          <p>Cancelled.</p>
          <Button onClick={() => runColumn(cell)}>Run again</Button>
        </div>
      );
    case "held":
      return (
        <div class="cell-status">
          <p>This takes {integer(run.passes ?? 0)} passes through the model.</p>
          <Button onClick={() => runColumn(cell)}>Run it</Button>
        </div>
      );
    case "running":
      return (
        <div class="cell-status">
          <Progress
            label={run.lost ? "Connection lost, trying again" : "Computing"}
            done={run.progress?.done ?? 0}
            total={run.progress?.total ?? 0}
            onCancel={() => cancelRun(request)}
          />
        </div>
      );
    default:
      return <p class="cell-status muted">{run.state === "asking" ? "Starting…" : "Waiting…"}</p>;
  }
}
