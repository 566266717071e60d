import type { ComponentChildren } from "preact";
import { figure, figureFixed } from "../../lib/scale";
import { type Believed, believed } from "../../lib/verdict";
import { type Shown, shown as shownNow } from "../../state/explain";
import {
  type Curve,
  cancelMeasure,
  checkOf,
  type Measured,
  type MeasureRequest,
  measureOf,
  startMeasure,
} from "../../state/measures";
import { Button } from "../Button";
import { Notice } from "../Notice";
import { Progress } from "../Progress";

const WHAT =
  "Infidelity, max-sensitivity, deletion and insertion against a random order, and random weights";

const WEIGHTS = {
  changes: ["right", "map changes"],
  "in part": ["warn", "changes in part"],
  stays: ["wrong", "map stays the same"],
  unknown: ["", "cannot be checked"],
} as const;

/** What is measured of a result: its faithfulness, and what random weights do to it. */
function measurable({ request, result, stale }: Shown): MeasureRequest[] {
  return !result || stale || request.layer ? [] : [request, checkOf(request)];
}

export function measureShown(): void {
  const now = shownNow.peek();
  if (now) measurable(now).forEach(startMeasure);
}

/** Whether this very result is faithful: measured when the person asks for it, and kept. */
export function Faithfulness({ shown }: { shown: Shown }) {
  const both = measurable(shown);
  const open = both.filter((one) => ["none", "cancelled"].includes(measureOf(one).value.state));
  return (
    <>
      {both.map((one) => (
        <Under key={one.metrics?.[0] ?? "faithfulness"} request={one} />
      ))}
      {both.length > 0 && <Figures request={shown.request} />}
      {open.length > 0 && (
        <Button onClick={() => open.forEach(startMeasure)} title={`${WHAT} (m)`}>
          Measure how faithful it is
        </Button>
      )}
    </>
  );
}

/** How far one of the two measurements is, or why it failed. */
function Under({ request }: { request: MeasureRequest }) {
  const { state, progress, error } = measureOf(request).value;
  if (state === "failed" && error)
    return <Notice error={error} retry={() => startMeasure(request)} />;
  if (state !== "waiting" && state !== "running") return null;
  return (
    <Progress
      label={request.metrics ? "Random weights" : "Measuring"}
      done={progress?.done ?? 0}
      total={progress?.total ?? 0}
      onCancel={() => cancelMeasure(request)}
    />
  );
}

function Figures({ request }: { request: MeasureRequest }) {
  const { measured } = measureOf(request).value;
  const check = measureOf(checkOf(request)).value.measured;
  if (!measured && !check) return null;
  const found = believed(measured?.metrics ?? null, check?.metrics.randomisation ?? null);
  return (
    <>
      <dl class="facts">
        {measured && <Measures measured={measured} />}
        {check && (
          <Fact name="Random weights">
            <b class={WEIGHTS[found.weights][0]}>{WEIGHTS[found.weights][1]}</b>
          </Fact>
        )}
      </dl>
      <Words found={found} />
    </>
  );
}

function Measures({ measured: { metrics, warnings } }: { measured: Measured }) {
  const none = <span title={warnings.join(" ")}>not defined</span>;
  const plain = (value: number | null | undefined) => (value == null ? none : figure(value));
  const area = (curve: Curve | null | undefined) =>
    curve?.auc == null ? (
      none
    ) : (
      <>
        {figureFixed(curve.auc, 2)}
        {curve.control !== null && (
          <span class="muted"> random {figureFixed(curve.control, 2)}</span>
        )}
      </>
    );
  return (
    <>
      <Fact name="Infidelity">{plain(metrics.infidelity)}</Fact>
      <Fact name="Max-sensitivity">{plain(metrics.sensitivity_max)}</Fact>
      <Fact name="Deletion AUC">{area(metrics.deletion)}</Fact>
      <Fact name="Insertion AUC">{area(metrics.insertion)}</Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class="num">{children}</dd>
    </>
  );
}

function Words({ found }: { found: Believed }) {
  if (found.text === null) return null;
  return <p class={`trust-sentence ${found.level}`}>{found.text}</p>;
}
