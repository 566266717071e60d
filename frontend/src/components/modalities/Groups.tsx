import { Axis } from "../../charts/Axis";
import { Strip } from "../../charts/Strip";
import { percent } from "../../lib/scale";
import type { Board, Group, Summary } from "../../state/board";
import { openExample } from "../../state/examples";
import {
  chooseGroup,
  column,
  ends,
  groupBy,
  grouped,
  groupOptions,
  input,
  openGroup,
  retryFigures,
} from "../../state/modalities";
import type { Patch } from "../../state/url";
import { Select } from "../Select";
import { ViewLink } from "../ViewLink";
import { Section } from "./Section";
import { share } from "./words";

/** The chosen input's contribution group by group. */
export function Groups({ board }: { board: Board }) {
  const options = groupOptions(board);
  const by = groupBy.value;
  if (by === null) return null;
  return (
    <Section
      title={`Contribution of ${input.value} by`}
      note={
        <>
          <Select label="Group by" options={options} value={by} onChange={chooseGroup} /> box:
          middle half, line: median, dot above: mean with its 95 % interval
        </>
      }
      state={grouped.value}
      retry={retryFigures}
    >
      {({ groups }) => <Strips rows={rowsOf(groups, by)} what={input.value} />}
    </Section>
  );
}

export interface StripRow {
  name: string;
  summary: Summary;
  to: Patch | null;
}

/** The groups that have the chosen column. */
export function rowsOf(groups: readonly Group[], by: string): StripRow[] {
  return groups.flatMap(({ name, value, columns }) => {
    const summary = columns.find((each) => each.column === column.value);
    return summary?.count ? [{ name, summary, to: openGroup(by, value) }] : [];
  });
}

/** Rows of distributions on one scale, each with its figures. */
export function Strips({ rows, what }: { rows: readonly StripRow[]; what: string }) {
  const [low, high] = ends.value;
  if (!rows.length) return <p class="muted">No example has a number yet.</p>;
  return (
    <div class="mod-strips">
      {rows.map(({ name, summary, to }) => (
        <div key={name} class="mod-strip">
          {to ? (
            <ViewLink
              to={to}
              class="mod-strip-name ellipsis"
              title={`Show the examples of ${name}`}
            >
              <bdi>{name}</bdi>
            </ViewLink>
          ) : (
            <span class="mod-strip-name ellipsis">{name}</span>
          )}
          <Strip
            low={low}
            high={high}
            quartiles={summary.quartiles}
            mean={summary.mean}
            interval={summary.interval}
            points={summary.points as [number, number][]}
            titleOf={(index, value) => `Example ${index}: ${what} ${percent(value)}`}
            onPick={openExample}
          />
          <span class="num mod-figure">{share(summary, ends.value)}</span>
          <span class="num muted mod-count">{summary.count}</span>
        </div>
      ))}
      <div class="mod-strip" aria-hidden="true">
        <span />
        <Axis low={low} high={high} text={percent} />
        <span class="muted mod-figure">mean (95 %)</span>
        <span class="muted mod-count">n</span>
      </div>
    </div>
  );
}
