import { Axis } from "../../charts/Axis";
import { Bars } from "../../charts/Bars";
import { percent } from "../../lib/scale";
import type { Board, Summary } from "../../state/board";
import { columns, ends, grouped, openBar, retryFigures } from "../../state/modalities";
import { href, navigate } from "../../state/url";
import { Section } from "./Section";
import { barText, share } from "./words";

/** How the measure is spread over the examples, one row of bars an input. */
export function Distribution({ board }: { board: Board }) {
  return (
    <Section
      title="How much each input counts"
      note="examples by contribution; click a bar to see its examples"
      state={grouped.value}
      retry={retryFigures}
    >
      {({ columns: summaries }) => (
        <div class="mod-distribution">
          {board.inputs.map(({ name }) => {
            const summary = summaries.find(({ column }) => column === columns.value?.[name]);
            return summary ? <Row key={name} name={name} summary={summary} /> : null;
          })}
          <span />
          <Axis low={ends.value[0]} high={ends.value[1]} text={percent} />
        </div>
      )}
    </Section>
  );
}

function Row({ name, summary }: { name: string; summary: Summary }) {
  const patch = (from: number, to: number, last: boolean) =>
    openBar(summary.column, from, to, last);
  return (
    <>
      <div class="mod-name">
        <b class="ellipsis">{name}</b>
        <span class="num">mean {share(summary, ends.value)}</span>
      </div>
      <Bars
        label={`Contribution of ${name}`}
        bins={summary.bins}
        titleOf={({ from, to, count }) => `${name}, ${barText(from, to, count)}`}
        hrefOf={({ from, to }, last) => href(patch(from, to, last))}
        onPick={({ from, to }, last) => navigate(patch(from, to, last))}
      />
    </>
  );
}
