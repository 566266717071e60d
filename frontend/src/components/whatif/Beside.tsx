import { probability } from "../../lib/format";
import { figure, figureFixed, signed } from "../../lib/scale";
import { original, originalRun, originalShown, scoresOf } from "../../state/beside";
import type { Board, ExampleDetail, Score } from "../../state/board";
import { type Shown, showExample, target } from "../../state/explain";
import { isLive } from "../../state/runs";
import { Button } from "../Button";
import { InputPanels } from "../explain/InputPanels";
import { SignedBar } from "../explain/SignedBar";
import { Notice } from "../Notice";

interface BesideProps {
  board: Board;
  detail: ExampleDetail;
  shown: Shown | null;
}

const ROWS = 5;

/** A changed example and the one it was made of: both answers, and both explained for the same class. */
export function Beside({ board, detail, shown }: BesideProps) {
  const before = original.value;
  const run = originalRun.value;
  if (!before) return <InputPanels detail={detail} shown={shown} />;
  return (
    <>
      <Answers board={board} before={before} after={detail} />
      <div class="beside">
        <section aria-label="The original">
          <h2>
            The original{" "}
            <Button kind="quiet" onClick={() => showExample(before.index)}>
              #{before.index}
            </Button>
          </h2>
          {run?.state === "failed" && run.error && <Notice error={run.error} />}
          {run && isLive(run) && <p class="muted">Explaining the original…</p>}
          <InputPanels detail={before} shown={originalShown.value} of="original" beside={shown} />
        </section>
        <section aria-label="The change">
          <h2>The change</h2>
          <InputPanels detail={detail} shown={shown} beside={originalShown.value} />
        </section>
      </div>
    </>
  );
}

/** What the model says to both, class by class. */
function Answers({
  board,
  before,
  after,
}: {
  board: Board;
  before: ExampleDetail;
  after: ExampleDetail;
}) {
  const was = scoresOf(before);
  const now = scoresOf(after);
  if (!was.length || !now.length) return null;
  if (board.output.kind === "regression")
    return <OneNumber board={board} was={was[0]} now={now[0]} />;
  const rows = rowsOf(was, now);
  return (
    <section class="panel answers" aria-label="What the change does to the prediction">
      <p class="panel-note">{sentence(was[0], now[0])}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">class</th>
            <th scope="col" class="num">
              original
            </th>
            <th scope="col" class="num">
              changed
            </th>
            <th scope="col">
              <span class="hidden-text">difference as a bar</span>
            </th>
            <th scope="col" class="num">
              difference
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ index, name, from, to }) => (
            <tr key={index} class={index === target.value ? "on" : ""}>
              <th scope="row" dir="auto">
                {name}
              </th>
              <td class="num">{probability(from)}</td>
              <td class="num">{probability(to)}</td>
              <td>
                <SignedBar value={to - from} most={1} centred />
              </td>
              <td class="num">{difference(to - from)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function OneNumber({
  board,
  was,
  now,
}: {
  board: Board;
  was?: Score | undefined;
  now?: Score | undefined;
}) {
  const [from, to] = [was?.score ?? Number.NaN, now?.score ?? Number.NaN];
  return (
    <p class="panel panel-note num" role="note">
      {figure(from, 4)} becomes <b>{figure(to, 4)}</b> {board.output.unit}, a change of{" "}
      {signed(to - from, 3)}.
    </p>
  );
}

/** Three decimals, as the probabilities beside it have. */
function difference(value: number): string {
  return (value >= 0.0005 ? "+" : "") + figureFixed(value, 3);
}

function sentence(was: Score | undefined, now: Score | undefined): string {
  if (!was || !now) return "";
  if (was.index === now.index) return `The answer stays ${was.name}.`;
  return `The answer turns from ${was.name} to ${now.name}.`;
}

/** The likeliest classes of both, those first that change most. */
function rowsOf(was: readonly Score[], now: readonly Score[]) {
  const top = [...was.slice(0, ROWS), ...now.slice(0, ROWS)];
  const classes = new Map(top.map(({ index, name }) => [index, name]));
  const of = (scores: readonly Score[], index: number) =>
    scores.find((score) => score.index === index)?.probability ?? 0;
  return [...classes]
    .map(([index, name]) => ({ index, name, from: of(was, index), to: of(now, index) }))
    .sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from))
    .slice(0, ROWS);
}
