import { count } from "../../lib/format";
import { anyReliable, listed, nothingLearnt, verdicts } from "../../lib/verdict";
import { facets, filter } from "../../state/examples";
import { measuredOf, type NamedRow } from "./rows";

const FEW = 8;

/** In words: which methods may be relied on for this model, and which not. */
export function Verdict({ rows, done }: { rows: readonly NamedRow[]; done: boolean }) {
  const measured = measuredOf(rows);
  if (!measured.length) return null;
  const sentences = verdicts(measured);
  const examples = Math.max(...rows.map(({ row }) => row?.count ?? 0));
  const most = rows.flatMap(({ row }) => row?.warnings ?? []);
  const doubt = learntNothing();
  return (
    <section class="trust-verdict" aria-label="In words">
      {doubt && (
        <p class="trust-sentence wrong">
          <b>There may be nothing to explain.</b> {doubt}
        </p>
      )}
      {done && !anyReliable(sentences) && (
        <p>
          <b>None of these methods may be relied on here.</b>
        </p>
      )}
      {sentences.map(({ names, text, level }) => (
        <p key={text} class={`trust-sentence ${level}`}>
          {listed(names).map(({ name, after }) => (
            <span key={name}>
              <b>{name}</b>
              {after}
            </span>
          ))}{" "}
          {text}
        </p>
      ))}
      <p class="muted">
        Over {count(examples, "example")}, each explained for the model's own prediction. A method
        beats the random order where the whole 95 % interval of the difference does.
        {examples < FEW && " With so few examples the intervals are wide: measure more."}
      </p>
      <Warnings texts={most} />
    </section>
  );
}

/** Where the model is no better than chance on the examples of the filter: a sentence. */
function learntNothing(): string | null {
  const counts = facets.value.value;
  // Of right answers alone, or of one label, nothing can be said.
  const { correct, label, predicted } = filter.value;
  if (!counts || correct !== null || label.length || predicted.length) return null;
  const labels = counts.labels.filter(({ value }) => value !== null);
  return nothingLearnt({ accuracy: counts.accuracy, count: counts.predicted_count, labels });
}

/** Each different warning once, with the number of attributions it was given for. */
function Warnings({ texts }: { texts: readonly { text: string; count: number }[] }) {
  const counts = new Map<string, number>();
  for (const { text, count } of texts) counts.set(text, (counts.get(text) ?? 0) + count);
  if (!counts.size) return null;
  return (
    <details class="trust-warnings">
      <summary>{count(counts.size, "warning")} from the measurements</summary>
      <ul class="warnings">
        {[...counts].map(([text, times]) => (
          <li key={text}>
            {text} <span class="muted num">({count(times, "time")})</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
