import type { Board, ColumnFacet, FacetValue } from "../../state/board";
import { facets, filter, retryExamples } from "../../state/examples";
import { type Filter, onlyPatch, toggled, toggledTag, toggledValues } from "../../state/filter";
import { navigate } from "../../state/url";
import { TextInput } from "../Field";
import { Notice } from "../Notice";
import { FacetBars } from "./FacetBars";
import { Ids } from "./Ids";
import { Outcome } from "./Outcome";
import { RangeFacet } from "./RangeFacet";
import { SavedViews } from "./SavedViews";
import { Subsample } from "./Subsample";
import { WhereField } from "./WhereField";

/** Columns shown open; the rest are a click away. */
const OPEN = 4;
const FIGURES: Readonly<Record<string, string>> = { margin: "Margin", loss: "Loss" };
/** Columns that AttriBoard itself adds, in plain words. */
const TITLES: Readonly<Record<string, string>> = { models_disagree: "Models disagree" };

/** What narrows the list, with counts of what each choice would leave. */
export function Sidebar({ board }: { board: Board }) {
  const { value: counts, error, loading } = facets.value;
  const { label, predicted, tags, minScore, maxScore } = filter.value;
  const labels = counts?.labels.filter(isValue) ?? [];
  const predictions = counts?.predicted.filter(isValue) ?? [];
  const classes = board.output.kind !== "regression";
  return (
    <div class="sidebar" data-loading={loading}>
      <Search board={board} />
      {/* There is a stop for each value that can be chosen, and a sweep adds columns. */}
      <a class="skip" href="#examples">
        Skip to the examples
      </a>
      {error && error.field !== "where" && <Notice error={error} retry={retryExamples} />}
      {board.labelled && classes && <Outcome />}
      {labels.length > 0 && (
        <FacetBars
          title="Label"
          values={labels}
          chosen={label}
          onToggle={(value) => navigate({ label: toggled(label, value as number) })}
        />
      )}
      {predictions.length > 0 && (
        <FacetBars
          title="Prediction"
          values={predictions}
          chosen={predicted}
          folded={board.labelled && labels.length > 4}
          onToggle={(value) => navigate({ predicted: toggled(predicted, value as number) })}
        />
      )}
      {counts && counts.score.bins.length > 0 && (
        <RangeFacet
          title={classes ? "Confidence" : "Score"}
          bins={counts.score.bins}
          range={{ min: minScore, max: maxScore }}
          onChange={({ min, max }) => navigate({ min_score: min, max_score: max })}
        />
      )}
      <Columns columns={counts?.columns ?? []} filter={filter.value} />
      {counts && counts.tags.length > 0 && (
        <FacetBars
          title="Tags"
          values={counts.tags}
          chosen={tags}
          onToggle={(value) => navigate({ tag: toggledTag(tags, String(value)) })}
        />
      )}
      <Subsample classes={board.labelled && board.output.kind === "classes"} />
      <WhereField board={board} />
      <SavedViews />
      <Ids board={board} />
    </div>
  );
}

/** Whether it can be chosen: "no label" and "not predicted" are counted, but are no class. */
function isValue({ value }: FacetValue): boolean {
  return value !== null;
}

/** The user's own columns and the computed ones first, then the figures of the predictions. */
function Columns({ columns, filter }: { columns: readonly ColumnFacet[]; filter: Filter }) {
  const own = columns.filter(({ name }) => !(name in FIGURES));
  const figures = columns.filter(({ name }) => name in FIGURES);
  return (
    <>
      {[...own, ...figures].map((column, place) => (
        <Column
          key={column.name}
          column={column}
          filter={filter}
          folded={column.name in FIGURES || place >= OPEN}
        />
      ))}
    </>
  );
}

interface ColumnProps {
  column: ColumnFacet;
  filter: Filter;
  folded: boolean;
}

function Column({ column: { name, values, bins, nulls }, filter, folded }: ColumnProps) {
  const choice = filter.only[name];
  if (values) {
    const empty = nulls > 0 ? [{ value: null, name: "empty", count: nulls }] : [];
    return (
      <FacetBars
        title={FIGURES[name] ?? TITLES[name] ?? name}
        values={[...values, ...empty]}
        chosen={choice && "values" in choice ? choice.values : []}
        folded={folded}
        onToggle={(value) => navigate(onlyPatch(name, toggledValues(choice, value)))}
      />
    );
  }
  if (!bins) return null;
  return (
    <RangeFacet
      title={FIGURES[name] ?? name}
      bins={bins}
      range={choice && "min" in choice ? choice : { min: null, max: null }}
      folded={folded}
      onChange={(range) => navigate(onlyPatch(name, range))}
    />
  );
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
