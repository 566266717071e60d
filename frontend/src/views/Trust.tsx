import { useEffect } from "preact/hooks";
import { BoardWarnings } from "../components/BoardWarnings";
import { Button } from "../components/Button";
import { ActiveFilters } from "../components/gallery/ActiveFilters";
import { Hint, Notice } from "../components/Notice";
import { methodRows } from "../components/trust/rows";
import { TrustBar } from "../components/trust/TrustBar";
import { TrustSide } from "../components/trust/TrustSide";
import { TrustTable } from "../components/trust/TrustTable";
import { Verdict } from "../components/trust/Verdict";
import type { Board } from "../state/board";
import { NO_FILTER } from "../state/filter";
import { startSurvey } from "../state/survey";
import {
  drawnState,
  followTrust,
  retryDraw,
  survey,
  surveyRequest,
  trustMethods,
} from "../state/trust";
import { navigate } from "../state/url";

/** Which method may I rely on for this model? */
export function Trust({ board }: { board: Board }) {
  useEffect(followTrust, []);
  const found = survey.value;
  const rows = methodRows(board, trustMethods.value, found?.table?.rows ?? []);
  return (
    <section class="trust" aria-label="Trust">
      <div class="trust-main">
        <header class="trust-head">
          <h1>Which method may I rely on for this model?</h1>
          <TrustBar board={board} survey={found} />
          <ActiveFilters board={board} />
        </header>
        <BoardWarnings />
        <Problems board={board} />
        {found && (
          <>
            <TrustTable rows={rows} survey={found} />
            <Verdict rows={rows} done={found.state === "done"} />
          </>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls and holds nothing else to focus. */}
      <aside class="explain-side" aria-label="Curves and agreement" tabIndex={0}>
        <TrustSide rows={rows} table={found?.table ?? null} />
      </aside>
    </section>
  );
}

/** Why there is nothing to measure, or why measuring failed. */
function Problems({ board }: { board: Board }) {
  const { error, loading, value } = drawnState.value;
  const found = survey.value;
  const request = surveyRequest.value;
  if (error) return <Notice error={error} retry={retryDraw} />;
  if (found?.state === "failed" && found.error && request)
    return <Notice error={found.error} retry={() => startSurvey(request)} />;
  if (value?.examples.length === 0 && !loading) {
    return (
      <Hint>
        No example matches the filter, so there is nothing to measure.{" "}
        <Button onClick={() => navigate(NO_FILTER)}>Clear the filter</Button>
      </Hint>
    );
  }
  if (!found && !trustMethods.value.some((id) => board.methods.some((known) => known.id === id)))
    return <Hint>None of the methods in the address is known here. Choose some above.</Hint>;
  if (!found) return <p class="muted">Drawing the examples…</p>;
  return null;
}
