import type { Board, FacetValue } from "../../state/board";
import { facets, filter, retryExamples } from "../../state/examples";
import { toggled } from "../../state/filter";
import { navigate } from "../../state/url";
import { TextInput } from "../Field";
import { Notice } from "../Notice";
import { FacetBars } from "./FacetBars";
import { Outcome } from "./Outcome";
import { ScoreFacet } from "./ScoreFacet";
import { Subsample } from "./Subsample";
import { WhereField } from "./WhereField";

/** What narrows the list, with counts of what each choice would leave. */
export function Sidebar({ board }: { board: Board }) {
  const { value: counts, error, loading } = facets.value;
  const { label, predicted } = filter.value;
  const labels = counts?.labels.filter(isValue) ?? [];
  const predictions = counts?.predicted.filter(isValue) ?? [];
  const classes = board.output.kind !== "regression";
  return (
    <div class="sidebar" data-loading={loading}>
      <Search board={board} />
      {error && error.field !== "where" && <Notice error={error} retry={retryExamples} />}
      {board.labelled && classes && <Outcome />}
      {counts && counts.score.bins.length > 0 && (
        <ScoreFacet bins={counts.score.bins} title={classes ? "Confidence" : "Score"} />
      )}
      <Subsample />
      {labels.length > 0 && (
        <FacetBars
          title="Label"
          values={labels}
          chosen={label}
          onToggle={(value) => navigate({ label: toggled(label, value) })}
        />
      )}
      {predictions.length > 0 && (
        <FacetBars
          title="Prediction"
          values={predictions}
          chosen={predicted}
          onToggle={(value) => navigate({ predicted: toggled(predicted, value) })}
        />
      )}
      <WhereField board={board} />
    </div>
  );
}

/** Whether it can be chosen: "no label" and "not predicted" are counted, but are no class. */
function isValue({ value }: FacetValue): boolean {
  return value !== null;
}

function Search({ board }: { board: Board }) {
  const texts = board.inputs.filter((input) => input.modality === "text");
  const [first] = texts;
  if (!first) return null;
  const title = texts.length === 1 ? `Search in ${first.name}` : "Search in texts";
  return (
    <section class="facet-group" aria-label={title}>
      <h3>
        <label for="search">{title}</label>
      </h3>
      <TextInput
        id="search"
        type="search"
        value={filter.value.text}
        wait={250}
        onChange={(text) => navigate({ q: text })}
      />
    </section>
  );
}
