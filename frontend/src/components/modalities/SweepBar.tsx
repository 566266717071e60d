import { count, integer } from "../../lib/format";
import { passesLeft } from "../../lib/left";
import { filter } from "../../state/examples";
import { computedCount, reading } from "../../state/modalities";
import {
  cancelSweep,
  startSweep,
  sweepErrors,
  sweepFailure,
  sweepRun,
  sweepState,
} from "../../state/sweep";
import { navigate } from "../../state/url";
import { Button } from "../Button";
import { Hint, Notice } from "../Notice";
import { Progress } from "../Progress";

/** Beyond so many passes a random part is offered as well. */
const MANY = 4000;
const PART = 300;

/** What is computed, what is missing and its cost, and the job under way. */
export function SweepBar() {
  const run = sweepRun.value;
  const state = sweepState.value.value;
  const failure = sweepFailure.value;
  if (!state) return null;
  return (
    <>
      <div class="mod-bar">
        {run ? (
          <>
            <Progress
              label={run.lost ? "Connection lost, trying again" : "Computing"}
              done={run.done}
              total={run.total}
              onCancel={cancelSweep}
            />
            <span class="muted num">{passesLeft(run.done, run.total, run.since, Date.now())}</span>
          </>
        ) : state.lacking === 0 ? (
          <span class="muted num">
            {reading.value
              ? "Reading the figures…"
              : `All ${count(state.examples, "example")} computed.`}
          </span>
        ) : (
          computedCount.value > 0 && (
            <>
              <span class="num">
                {integer(computedCount.value)} of {count(state.examples, "example")} computed.
              </span>
              <Compute />
            </>
          )
        )}
      </div>
      {failure && <Notice error={failure} retry={() => void startSweep()} />}
      <Errors />
    </>
  );
}

/** The button that starts the job, with what it costs. */
export function Compute() {
  const state = sweepState.value.value;
  if (!state) return null;
  const sampled = filter.value.sample !== null;
  return (
    <>
      <Button kind="primary" onClick={() => void startSweep()}>
        Compute {state.lacking === state.examples ? "" : "the missing "}
        {count(state.lacking, "example")}
      </Button>
      <span class="muted num">{integer(state.passes)} passes through the model</span>
      {state.passes > MANY && !sampled && state.examples > PART && (
        <Button onClick={() => navigate({ sample: PART, draw: 0 })}>
          Look at a random {PART} instead
        </Button>
      )}
    </>
  );
}

function Errors() {
  const errors = sweepErrors.value;
  const [first] = errors;
  if (!first) return null;
  return (
    <Hint>
      {count(errors.length, "example")} could not be computed. Example {first.example}:{" "}
      {first.error}
    </Hint>
  );
}
