import { figure, percent, signed } from "../../lib/scale";
import type { Shown } from "../../state/explain";
import type { ResultMeta } from "../../state/results";
import { BoardWarnings } from "../BoardWarnings";
import { Faithfulness } from "./Faithfulness";

/** Below the first the sum is called exact, below the second nearly so. */
const EXACT = 0.01;
const NEAR = 0.05;

interface TrustProps {
  shown: Shown;
  meta: ResultMeta;
  /** Whether the method claims that its attributions add up. */
  complete: boolean;
}

/** What speaks for and against believing these attributions. */
export function Trust({ shown, meta, complete }: TrustProps) {
  return (
    <section class="side-section" aria-label="Can this be trusted?">
      <h2>Can this be trusted?</h2>
      <Completeness meta={meta} complete={complete} />
      <Faithfulness shown={shown} />
      <BoardWarnings />
      {meta.warnings.length > 0 && (
        <ul class="warnings" aria-label="Warnings">
          {meta.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Completeness({ meta, complete }: { meta: ResultMeta; complete: boolean }) {
  const { delta, gap, score, baseline_score: reference } = meta;
  return (
    <>
      <dl class="facts">
        {score !== null && <Fact name="Score, f(x)">{figure(score, 4)}</Fact>}
        {reference !== null && <Fact name="Score at the baseline">{figure(reference, 4)}</Fact>}
        {delta !== null && (
          <>
            <Fact name="Completeness gap">{gap === null ? "not defined" : <Gap gap={gap} />}</Fact>
            <Fact name="Delta">{signed(delta)}</Fact>
          </>
        )}
      </dl>
      <p>{verdict(delta, gap, complete)}</p>
    </>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class="num">{children}</dd>
    </>
  );
}

function Gap({ gap }: { gap: number }) {
  const level = gap <= EXACT ? "right" : gap <= NEAR ? "warn" : "wrong";
  return <b class={level}>{percent(gap, gap < 0.1 ? 2 : 0)}</b>;
}

function verdict(delta: number | null, gap: number | null, complete: boolean): string {
  if (delta === null) {
    return complete
      ? "Completeness was not measured for this result."
      : "This method does not claim that its attributions add up, so there is no gap to measure.";
  }
  if (gap === null)
    return "The score is the same at the baseline, so the gap has nothing to be compared with.";
  if (gap <= EXACT) return "The attributions add up to f(x) − f(baseline).";
  if (gap <= NEAR) return "The attributions nearly add up to f(x) − f(baseline).";
  return "The attributions do not add up to f(x) − f(baseline): more steps or another baseline may help.";
}
