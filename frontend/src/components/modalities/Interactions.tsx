import { Bars } from "../../charts/Bars";
import { figure } from "../../lib/scale";
import type { Summary } from "../../state/board";
import { interactions, openBar, retryFigures } from "../../state/modalities";
import { sweepState } from "../../state/sweep";
import { href, navigate } from "../../state/url";
import { Section } from "./Section";
import { plain } from "./words";

/** What pairs of inputs say together beyond what each says alone. */
export function Interactions() {
  return (
    <Section
      title="Together"
      note="pairwise interaction, in the score's units"
      state={interactions.value}
      retry={retryFigures}
    >
      {({ columns }) =>
        (sweepState.value.value?.interactions ?? []).map(({ inputs, column }) => {
          const summary = columns.find((each) => each.column === column);
          return summary ? <Pair key={column} inputs={inputs} summary={summary} /> : null;
        })
      }
    </Section>
  );
}

function Pair({ inputs, summary }: { inputs: readonly string[]; summary: Summary }) {
  const name = inputs.join(" × ");
  const bins = summary.bins;
  return (
    <div class="mod-pair">
      <p>
        <b>{name}</b> <span class="num">mean {plain(summary)}</span>
      </p>
      <Bars
        label={`Interaction of ${name}`}
        bins={bins}
        titleOf={({ from, to, count }) =>
          `${name}, ${figure(from)} to ${figure(to)}: ${count} ${count === 1 ? "example" : "examples"}`
        }
        hrefOf={({ from, to }, last) => href(openBar(summary.column, from, to, last))}
        onPick={({ from, to }, last) => navigate(openBar(summary.column, from, to, last))}
      />
      {bins.length > 0 && (
        <div class="axis num" aria-hidden="true">
          <span>{figure(bins[0]?.from ?? 0)}</span>
          <span>{figure(bins[bins.length - 1]?.to ?? 0)}</span>
        </div>
      )}
      <p class="mod-sentence">{inWords(summary)}</p>
    </div>
  );
}

function inWords({ mean, interval }: Summary): string {
  if (mean === null) return "";
  const [low = 0, high = 0] = interval ?? [];
  if (!interval || (low <= 0 && high >= 0))
    return "The interval takes in zero: on average each may count on its own.";
  if (mean > 0) return "On average they say more together than each alone: they need one another.";
  return "On average they say less together than each alone: they overlap.";
}
