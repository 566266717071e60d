import { useEffect, useState } from "preact/hooks";
import { integer } from "../../lib/format";
import { changed, estimate, problems, runDraft } from "../../state/draft";
import { request, run } from "../../state/explain";
import { cancelRun, isLive, type Run } from "../../state/runs";
import { Button } from "../Button";
import { Progress } from "../Progress";

/** Below this many milliseconds a computation shows no progress: a flicker tells nobody anything. */
const NOTICEABLE = 150;

/** What a run would cost and the button that starts it; while it runs, how far it is and how to end it. */
export function RunControls() {
  const current = run.value;
  const live = current !== null && isLive(current);
  const noticeable = useLasting(live);
  if (current && live && noticeable && !changed.value) return <Running run={current} />;
  const invalid = Object.keys(problems.value).length > 0;
  return (
    <>
      <Cost />
      <Button kind="primary" onClick={runDraft} disabled={invalid}>
        Run
      </Button>
    </>
  );
}

function Cost() {
  const { value, error, loading } = estimate.value;
  if (Object.keys(problems.value).length) return <span class="cost bad">See what is marked</span>;
  if (error) return <span class="cost bad">{error.detail ?? error.title}</span>;
  const here = run.value?.state === "done" && !changed.value;
  if (here || (value && value.stored >= value.examples)) return <span class="cost">stored</span>;
  if (!value) return null;
  return (
    <span class={`cost num ${loading ? "old" : ""}`}>
      {integer(value.passes)} {value.passes === 1 ? "pass" : "passes"}
    </span>
  );
}

function Running({ run }: { run: Run }) {
  const { progress, lost } = run;
  const asked = request.value;
  const label = lost ? "Connection lost, trying again" : progress?.done ? "Computing" : "Starting";
  return (
    <Progress
      label={label}
      done={progress?.done ?? 0}
      total={progress?.total ?? 0}
      onCancel={asked ? () => cancelRun(asked) : undefined}
    />
  );
}

/** True once `on` has been true for a noticeable time. */
function useLasting(on: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!on) return setLasting(false);
    const timer = setTimeout(() => setLasting(true), NOTICEABLE);
    return () => clearTimeout(timer);
  }, [on]);
  return on && lasting;
}
