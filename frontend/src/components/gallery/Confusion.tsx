import { useState } from "preact/hooks";
import { integer, percent } from "../../lib/format";
import type { Confusion as Matrix } from "../../state/board";
import { confusion, filter, retryExamples } from "../../state/examples";
import { navigate } from "../../state/url";
import { Button } from "../Button";
import { Notice } from "../Notice";

/** Classes shown at first, those with the most mistakes. */
const FIRST = 16;
const MOST = 100;

/** Labels against predictions; each cell filters by both. */
export function Confusion() {
  const { value, error, loading } = confusion.value;
  return (
    <section class="confusion" aria-label="Confusion matrix" aria-busy={loading}>
      {error && <Notice error={error} retry={retryExamples} />}
      {!error && !value && <p class="muted">Counting…</p>}
      {!error && value && <Filled matrix={value} />}
    </section>
  );
}

function Filled({ matrix }: { matrix: Matrix }) {
  const [all, setAll] = useState(false);
  const { classes, cells, total, accuracy, macro_f1 } = matrix;
  if (total === 0) return <p class="muted">No example here has both a label and a prediction.</p>;
  const shown = all ? classes.slice(0, MOST) : troubled(matrix).slice(0, FIRST);
  const counts = new Map(cells.map((cell) => [`${cell.label} ${cell.predicted}`, cell.count]));
  return (
    <>
      <p class="confusion-head">
        <span>
          {integer(total)} examples · accuracy {accuracy === null ? "–" : percent(accuracy)} · macro
          F1 {macro_f1 === null ? "–" : macro_f1.toFixed(3)}
        </span>
        {classes.length > FIRST && (
          <button type="button" class="link" onClick={() => setAll(!all)}>
            {all ? "Those with the most mistakes" : `All ${integer(classes.length)} classes`}
          </button>
        )}
        <span class="grow" />
        <Button kind="quiet" onClick={() => navigate({ matrix: null })} label="Close the matrix">
          ×
        </Button>
      </p>
      <div class="confusion-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col" class="corner">
                label ↓ prediction →
              </th>
              {shown.map(({ value, name }) => (
                <th key={value} scope="col" title={name}>
                  <span>{name}</span>
                </th>
              ))}
              <th scope="col">F1</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.value}>
                <th scope="row" title={row.name}>
                  {row.name}
                </th>
                {shown.map((column) => (
                  <Cell
                    key={column.value}
                    row={row}
                    column={column}
                    count={counts.get(`${row.value} ${column.value}`) ?? 0}
                  />
                ))}
                <td class="num f1">{row.f1 === null ? "–" : row.f1.toFixed(3)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

type ClassScore = Matrix["classes"][number];

function Cell({ row, column, count }: { row: ClassScore; column: ClassScore; count: number }) {
  const { label, predicted } = filter.value;
  const same = (chosen: readonly number[], value: number) =>
    chosen.length === 1 && chosen[0] === value;
  const on = same(label, row.value) && same(predicted, column.value);
  const right = row.value === column.value;
  const share = row.support > 0 ? count / row.support : 0;
  const strength = Math.round(100 * Math.sqrt(share) * (right ? 0.4 : 0.5));
  if (count === 0) return <td class="num none">·</td>;
  return (
    <td>
      <button
        type="button"
        class={`cell-count num ${right ? "hit" : "miss"}`}
        aria-pressed={on}
        aria-label={`${row.name} predicted as ${column.name}: ${integer(count)}`}
        title={`${row.name} predicted as ${column.name}: ${integer(count)}, ${percent(share)} of ${row.name}`}
        style={{ "--share": `${strength}%` }}
        onClick={() =>
          navigate(
            on ? { label: null, predicted: null } : { label: row.value, predicted: column.value },
          )
        }
      >
        {integer(count)}
      </button>
    </td>
  );
}

/** The classes with most examples in wrong cells, in the order of the classes. */
function troubled({ classes, cells }: Matrix): readonly ClassScore[] {
  if (classes.length <= FIRST) return classes;
  const wrong = new Map<number, number>();
  for (const { label, predicted, count } of cells) {
    if (label === predicted) continue;
    for (const value of [label, predicted]) wrong.set(value, (wrong.get(value) ?? 0) + count);
  }
  const rank = (value: number) => wrong.get(value) ?? 0;
  const first = [...classes].sort((a, b) => rank(b.value) - rank(a.value)).slice(0, FIRST);
  return classes.filter((known) => first.includes(known));
}
