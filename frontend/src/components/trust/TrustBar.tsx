import { integer } from "../../lib/format";
import { passesLeft } from "../../lib/left";
import type { Board } from "../../state/board";
import { filter } from "../../state/examples";
import { cancelSurvey, type Survey, type SurveyRequest, startSurvey } from "../../state/survey";
import {
  addMethod,
  chooseSample,
  DEFAULT_SIZE,
  drawnState,
  MOST_EXAMPLES,
  reasonAgainstMeasuring,
  removeMethod,
  resetMethods,
  sampleSize,
  surveyRequest,
  trustMethods,
} from "../../state/trust";
import { query } from "../../state/url";
import { Button } from "../Button";
import { ChoiceList } from "../ChoiceList";
import { NumberInput } from "../Field";
import { Popover } from "../method/Popover";
import { Progress } from "../Progress";

/** What is measured over what, and the way to begin and to end it. */
export function TrustBar({ board, survey }: { board: Board; survey: Survey | null }) {
  return (
    <section class="trust-bar" aria-label="What is measured">
      <Sample />
      <Popover title="Methods" text={`${trustMethods.value.length} methods`} firm>
        <ChoiceList
          choices={methods(board)}
          chosen={trustMethods.value}
          onAdd={addMethod}
          onRemove={removeMethod}
        />
        <Button onClick={resetMethods} disabled={query.value.trust === undefined}>
          Back to the first methods
        </Button>
      </Popover>
      <span class="grow" />
      <Measuring survey={survey} request={surveyRequest.value} />
    </section>
  );
}

/** The same subsample as in Examples, so that all views speak of the same examples. */
export function Sample() {
  const { draw } = filter.value;
  const total = drawnState.value.value?.total;
  return (
    <>
      <label class="trust-number">
        <span class="muted">sample of</span>
        <NumberInput
          value={sampleSize.value}
          min={2}
          max={MOST_EXAMPLES}
          step={1}
          onChange={(value) => chooseSample(Math.round(value ?? DEFAULT_SIZE), draw)}
        />
      </label>
      <label class="trust-number">
        <span class="muted">seed</span>
        <NumberInput
          value={draw}
          min={0}
          step={1}
          onChange={(value) => chooseSample(sampleSize.value, Math.max(0, Math.round(value ?? 0)))}
        />
      </label>
      {total !== undefined && total < sampleSize.value && (
        <span class="muted num">only {integer(total)} match the filter</span>
      )}
    </>
  );
}

interface MeasuringProps {
  survey: Survey | null;
  request: SurveyRequest | null;
}

/** The cost and the way to begin; while it runs, how far it is and the way to end it. */
export function Measuring({ survey, request }: MeasuringProps) {
  if (!survey || !request) return null;
  const { state, estimate, progress, since, lost } = survey;
  if (state === "running") {
    const [done, total] = [progress?.done ?? 0, progress?.total ?? 0];
    return (
      <>
        <span class="muted num">{passesLeft(done, total, since, Date.now())}</span>
        <Progress
          label={lost ? "Connection lost, trying again" : "Measuring"}
          done={done}
          total={total}
          onCancel={() => cancelSurvey(request)}
        />
      </>
    );
  }
  if (state === "done") return null;
  if (state !== "ready" && state !== "cancelled" && state !== "failed") {
    return <span class="muted">Looking for what is stored…</span>;
  }
  return (
    <>
      {state === "cancelled" && <span class="muted">Cancelled; what is measured is kept.</span>}
      {state === "ready" && estimate && (
        <span class="muted num">{integer(estimate.passes)} passes through the model</span>
      )}
      <Button kind="primary" disabled={state === "failed"} onClick={() => startSurvey(request)}>
        {state === "cancelled" ? "Go on" : "Measure"}
      </Button>
    </>
  );
}

/** Those that can be measured first. */
function methods(board: Board) {
  const all = board.methods.map((method) => ({
    id: method.id,
    title: method.title,
    note: method.cost === null ? undefined : `${integer(method.cost)} passes`,
    help: method.summary,
    reason: reasonAgainstMeasuring(method),
  }));
  return all.sort((a, b) => Number(a.reason !== null) - Number(b.reason !== null));
}
