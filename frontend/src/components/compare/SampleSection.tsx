import { useEffect } from "preact/hooks";
import { kind } from "../../state/compare";
import { sampled, sampledColumns, sampledOpen, sampledRequest } from "../../state/sampled";
import { startSurvey } from "../../state/survey";
import { drawnState, followSurvey, retryDraw } from "../../state/trust";
import { navigate } from "../../state/url";
import { Button } from "../Button";
import { Notice } from "../Notice";
import type { NamedRow } from "../trust/rows";
import { Measuring, Sample } from "../trust/TrustBar";
import { TrustTable } from "../trust/TrustTable";

/** The same columns over the subsample: means with their intervals, as one job. */
export function SampleSection() {
  const asked = sampledColumns.value;
  if (asked.length === 0) return null;
  if (!sampledOpen.value) {
    return (
      <p>
        <Button onClick={() => navigate({ over: "sample" })}>Compare over a sample…</Button>
      </p>
    );
  }
  return <Opened />;
}

function Opened() {
  useEffect(() => followSurvey(sampledRequest), []);
  const survey = sampled.value;
  const request = sampledRequest.value;
  const { error } = drawnState.value;
  const rows: NamedRow[] = sampledColumns.value.map(({ id, title, link }, place) => ({
    id,
    name: title,
    link,
    row: survey?.table?.rows[place] ?? null,
  }));
  return (
    <section class="sample-section" aria-label="Over a sample">
      <header class="trust-bar">
        <h2>Over a sample</h2>
        <Sample />
        <span class="grow" />
        <Measuring survey={survey} request={request} />
        <Button kind="quiet" onClick={() => navigate({ over: null })}>
          Close
        </Button>
      </header>
      {error && <Notice error={error} retry={retryDraw} />}
      {survey?.state === "failed" && survey.error && request && (
        <Notice error={survey.error} retry={() => startSurvey(request)} />
      )}
      {survey && <TrustTable title={TITLES[kind.value] ?? "Column"} rows={rows} survey={survey} />}
    </section>
  );
}

const TITLES: Readonly<Record<string, string>> = {
  methods: "Method",
  targets: "Target",
  baselines: "Baseline",
  models: "Model",
};
