import { count, integer } from "../../lib/format";
import { passesLeft } from "../../lib/left";
import type { Board } from "../../state/board";
import {
  type By,
  by,
  cancelOverview,
  canGroupByLabel,
  chooseBy,
  chooseOverviewMethod,
  type Overview,
  overviewMethod,
  startOverview,
} from "../../state/dataset";
import { filter } from "../../state/examples";
import { summable } from "../../state/modalities";
import { navigate } from "../../state/url";
import { Button } from "../Button";
import { Progress } from "../Progress";
import { Segmented } from "../Segmented";
import { Select } from "../Select";
import { ViewLink } from "../ViewLink";

/** Beyond so many passes a random part is offered as well. */
const MANY = 20_000;
const PART = 300;

const BY: readonly { id: By; title: string; help: string }[] = [
  { id: "predicted", title: "Prediction", help: "Maps by what the model answers" },
  { id: "label", title: "Label", help: "Maps by what is right" },
];

/** Which examples, by which method, and how maps are grouped. */
export function DatasetHead({ board, found }: { board: Board; found: Overview | null }) {
  const examples = found?.table?.examples ?? found?.estimate?.examples;
  return (
    <div class="mod-head">
      <h1>
        What counts, over{" "}
        <ViewLink to={{ view: null }} title="Choose others in Examples">
          <span class="num">
            {examples === undefined ? "the examples" : count(examples, "example")}
          </span>
        </ViewLink>
      </h1>
      <span class="grow" />
      {canGroupByLabel(board) && (
        <>
          <span class="muted">maps by</span>
          <Segmented label="Maps by" options={BY} value={by.value} onChange={chooseBy} />
        </>
      )}
      <Select
        label="Attributions by"
        options={summable(board)}
        value={overviewMethod.value}
        onChange={chooseOverviewMethod}
      />
    </div>
  );
}

/** The cost and the way to begin; while it runs, how far it is, what is left and the way to end it. */
export function DatasetBar({ found }: { found: Overview | null }) {
  if (!found || found.state === "done" || found.state === "failed") return null;
  if (found.state === "running") {
    return (
      <div class="mod-bar">
        <Progress
          label={found.lost ? "Connection lost, trying again" : "Summing up"}
          done={found.progress?.done ?? 0}
          total={found.progress?.total ?? 0}
          onCancel={cancelOverview}
        />
        <span class="muted num">
          {passesLeft(
            found.progress?.done ?? 0,
            found.progress?.total ?? 0,
            found.since,
            Date.now(),
          )}
        </span>
      </div>
    );
  }
  if (found.state !== "ready" && found.state !== "cancelled") {
    return <p class="mod-bar muted">Looking for what is stored…</p>;
  }
  const passes = found.estimate?.passes ?? 0;
  return (
    <div class="mod-bar">
      <Button kind="primary" onClick={startOverview}>
        {found.state === "cancelled" ? "Go on" : "Sum up the attributions"}
      </Button>
      {found.state === "cancelled" && <span class="muted">Cancelled; what is done is kept.</span>}
      {found.state === "ready" && (
        <span class="muted num">{integer(passes)} passes through the model</span>
      )}
      {found.state === "ready" &&
        passes > MANY &&
        filter.value.sample === null &&
        (found.estimate?.examples ?? 0) > PART && (
          <Button onClick={() => navigate({ sample: PART, draw: 0 })}>
            Look at a random {PART} instead
          </Button>
        )}
    </div>
  );
}
