import { useEffect } from "preact/hooks";
import { Button } from "../components/Button";
import { DatasetBar, DatasetHead } from "../components/dataset/DatasetBar";
import { FeatureTable } from "../components/dataset/FeatureTable";
import { MeanMaps } from "../components/dataset/MeanMaps";
import { ActiveFilters } from "../components/gallery/ActiveFilters";
import { Hint, Notice } from "../components/Notice";
import { Segmented } from "../components/Segmented";
import { ViewLink } from "../components/ViewLink";
import { count } from "../lib/format";
import type { Board } from "../state/board";
import {
  chooseRanking,
  followDataset,
  type InputOverview,
  type ModelOverview,
  type Overview,
  overview,
  RANKINGS,
  ranking,
  retryOverview,
  startOverview,
} from "../state/dataset";
import { NO_FILTER } from "../state/filter";
import { bindKeys } from "../state/keys";
import { navigate } from "../state/url";

/** What counts over the whole dataset: where in pictures, which words, which columns; and what changed between models. */
export function Dataset({ board }: { board: Board }) {
  useEffect(follow, []);
  const found = overview.value;
  const table = found?.table;
  return (
    <section class="modalities dataset" aria-label="Dataset">
      <DatasetHead board={board} found={found} />
      <ActiveFilters board={board} />
      <Problem />
      {found?.estimate?.examples === 0 ? (
        <Hint>
          No example matches the filter, so there is nothing to sum up.{" "}
          <Button onClick={() => navigate({ ...NO_FILTER, sample: null, draw: null })}>
            Clear all filters
          </Button>
        </Hint>
      ) : !table && found?.state === "ready" ? (
        <Nothing found={found} />
      ) : (
        <DatasetBar found={found} />
      )}
      {table?.models.map((model, place) => (
        <Model
          key={model.model}
          board={board}
          model={model}
          first={table.models[0]}
          place={place}
        />
      ))}
      <Elsewhere board={board} />
    </section>
  );
}

function follow(): () => void {
  const stops = [followDataset(), bindKeys({ c: startOverview })];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Why there is no overview, and what mends it. */
function Problem() {
  const found = overview.value;
  if (found?.state !== "failed" || !found.error) return null;
  const filters =
    found.error.status === 422 && /^(where|filter|sort|q)/.test(found.error.field ?? "");
  return filters ? (
    <Notice
      error={found.error}
      mend="Clear all filters"
      retry={() => navigate({ ...NO_FILTER, sample: null, draw: null })}
    />
  ) : (
    <Notice error={found.error} retry={retryOverview} />
  );
}

interface ModelProps {
  board: Board;
  model: ModelOverview;
  first: ModelOverview | undefined;
  place: number;
}

function Model({ board, model, first, place }: ModelProps) {
  const several = board.models.length > 1;
  return (
    <section class="data-model" aria-label={several ? model.model : "Result"}>
      {several && (
        <h2 class="data-name">
          <bdi>{model.model}</bdi> <small class="muted num">{count(model.count, "example")}</small>
        </h2>
      )}
      {model.failed > 0 && (
        <Hint>{count(model.failed, "example")} could not be computed and are left out.</Hint>
      )}
      <div class="mod-grid">
        {model.inputs.map((input) => (
          <Input key={input.name} input={input} />
        ))}
        {place > 0 &&
          model.inputs
            .filter(({ drift }) => drift.length)
            .map((input) => <Drift key={input.name} input={input} of={first?.model ?? ""} />)}
      </div>
    </section>
  );
}

const KINDS: Readonly<Record<InputOverview["kind"], string>> = {
  image: "where in the picture",
  text: "which words",
  table: "which columns",
  other: "",
};

function Input({ input }: { input: InputOverview }) {
  const what = input.kind === "text" ? "Word" : "Column";
  return (
    <section class="mod-panel" aria-label={input.name}>
      <h2>
        <bdi>{input.name}</bdi> <small class="muted">{KINDS[input.kind]}</small>
        {input.features.length > 0 && (
          <>
            <span class="grow" />
            <Segmented
              label={`Order of ${input.name}`}
              options={RANKINGS}
              value={ranking.value}
              onChange={chooseRanking}
            />
          </>
        )}
      </h2>
      <div class="mod-body">
        {input.kind === "image" && <MeanMaps input={input} />}
        {input.features.length > 0 && (
          <>
            <FeatureTable what={what} features={input.features} />
            <p class="muted">
              Signed means in units of the explained score, over the examples that have the{" "}
              {what.toLowerCase()}; {count(input.distinct, `different ${what.toLowerCase()}`)} in
              all.
            </p>
          </>
        )}
        {input.kind === "other" && (
          <p class="muted">
            Examples of this input have no places, words or columns in common, so nothing is
            averaged. Explain shows them one by one.
          </p>
        )}
      </div>
    </section>
  );
}

function Drift({ input, of }: { input: InputOverview; of: string }) {
  return (
    <section class="mod-panel" aria-label={`${input.name}: change`}>
      <h2>
        <bdi>{input.name}</bdi>{" "}
        <small class="muted">
          change from <bdi>{of}</bdi>, example by example
        </small>
      </h2>
      <div class="mod-body">
        <FeatureTable
          what={input.kind === "text" ? "Word" : "Column"}
          features={input.drift}
          drift
        />
      </div>
    </section>
  );
}

/** Before anything is computed: what the view would say. */
function Nothing({ found }: { found: Overview }) {
  return (
    <div class="mod-empty">
      <h2>What does the model go by, all in all?</h2>
      <p>
        Every example above is attributed, and what comes of it is summed up: the mean map of each
        class, the words and columns that count most with how often they occur, and, with several
        models, what changed between them. It runs behind everything else, can be cancelled, and
        goes on where it stopped.
      </p>
      <DatasetBar found={found} />
    </div>
  );
}

/** The other figures over a dataset, where they are. */
function Elsewhere({ board }: { board: Board }) {
  return (
    <p class="muted data-links">
      Also over the dataset:{" "}
      {board.inputs.length > 1 && (
        <>
          <ViewLink to={{ view: "modalities" }}>
            contributions of the inputs, by class and by right or wrong
          </ViewLink>
          ,{" "}
        </>
      )}
      <ViewLink to={{ view: "trust" }}>methods compared, with intervals</ViewLink>.{" "}
      <Button kind="quiet" onClick={() => navigate({ view: null })}>
        Choose other examples
      </Button>
    </p>
  );
}
