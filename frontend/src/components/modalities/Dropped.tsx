import { needs } from "../../lib/contributions";
import { integer } from "../../lib/format";
import { percent } from "../../lib/scale";
import type { Board, Summary } from "../../state/board";
import { openValue, retryFigures, withoutInputs } from "../../state/modalities";
import { sweepState } from "../../state/sweep";
import { ViewLink } from "../ViewLink";
import { Section } from "./Section";
import { share } from "./words";

/** What becomes of the answers when an input gives way to its baseline. */
export function Dropped({ board }: { board: Board }) {
  return (
    <Section
      title="Without an input"
      note="its baseline in its place"
      state={withoutInputs.value}
      retry={retryFigures}
    >
      {({ columns }) => (
        <>
          <Table board={board} summaries={columns} />
          <Sentences board={board} summaries={columns} />
        </>
      )}
    </Section>
  );
}

function Table({ board, summaries }: { board: Board; summaries: readonly Summary[] }) {
  const columns = sweepState.value.value?.columns;
  const find = (name: string | undefined) => summaries.find(({ column }) => column === name);
  const whole = find("correct");
  return (
    <table class="mod-table num">
      <thead>
        <tr>
          <th scope="col">without</th>
          {whole && <th scope="col">accuracy</th>}
          <th scope="col">answers that change</th>
          <th scope="col">the same answer</th>
        </tr>
      </thead>
      <tbody>
        {whole && (
          <tr>
            <th scope="row">nothing</th>
            <td>{share(whole)}</td>
            <td />
            <td />
          </tr>
        )}
        {board.inputs.map(({ name }) => {
          const flips = find(columns?.flips[name]);
          const right = find(columns?.right_without[name]);
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              {whole && <td>{right ? share(right) : ""}</td>}
              <td>{flips && <Flips summary={flips} value={1} name={name} />}</td>
              <td>{flips && <Flips summary={flips} value={0} name={name} />}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** In words, whether the model needs each input. */
function Sentences({ board, summaries }: { board: Board; summaries: readonly Summary[] }) {
  const columns = sweepState.value.value?.columns;
  const none = { mean: null, interval: null };
  const find = (name: string | undefined) =>
    summaries.find(({ column }) => column === name) ?? none;
  return (
    <>
      {board.inputs.map(({ name }) => (
        <p key={name} class="mod-sentence">
          {needs(
            name,
            find(columns?.flips[name]),
            find(columns?.right_without[name]),
            find("correct"),
          )}
        </p>
      ))}
    </>
  );
}

interface FlipsProps {
  summary: Summary;
  value: 0 | 1;
  name: string;
}

function Flips({ summary, value, name }: FlipsProps) {
  if (summary.mean === null) return <>none</>;
  const part = value === 1 ? summary.mean : 1 - summary.mean;
  const count = Math.round(part * summary.count);
  const text = `${integer(count)} (${percent(part, 1)})`;
  if (count === 0) return <>{text}</>;
  const what = value === 1 ? "changes" : "stays the same";
  return (
    <ViewLink
      to={openValue(summary.column, value)}
      label={`Show the ${count} examples whose answer ${what} without ${name}`}
    >
      {text}
    </ViewLink>
  );
}
