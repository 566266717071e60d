import { differs } from "../../lib/contributions";
import { percent } from "../../lib/scale";
import type { Summary } from "../../state/board";
import { byOutcome, column, input, models, retryFigures } from "../../state/modalities";
import { rowsOf, type StripRow, Strips } from "./Groups";
import { Section } from "./Section";

/** The chosen input's contribution where the model is right, and where it is wrong. */
export function RightWrong() {
  return (
    <Section
      title="Right against wrong"
      note={input.value}
      state={byOutcome.value}
      retry={retryFigures}
    >
      {({ groups }) => {
        const known = groups.filter(({ value }) => value !== null);
        const rows = rowsOf(known, "correct");
        return (
          <>
            <Strips rows={rows} what={input.value} />
            <p class="mod-sentence">{outcomeSentence(rows)}</p>
          </>
        );
      }}
    </Section>
  );
}

function outcomeSentence(rows: readonly StripRow[]): string {
  const right = rows.find(({ name }) => name === "right")?.summary;
  const wrong = rows.find(({ name }) => name === "wrong")?.summary;
  if (!right || right.mean === null) return "No right answer is among these examples.";
  if (!wrong || wrong.mean === null) return "No wrong answer is among these examples.";
  return compared(wrong, right, "Where it is wrong", "where it is right");
}

/** What two means say of one another, and no more than their intervals allow. */
function compared(a: Summary, b: Summary, whenA: string, whenB: string): string {
  const name = input.value;
  const clear = differs(a, b);
  const [first, second] = [percent(a.mean ?? 0), percent(b.mean ?? 0)];
  if (clear === null) return `Too few examples to compare: ${first} and ${second}.`;
  if (!clear) {
    return `${whenA}, ${name} counts ${first}, and ${second} ${whenB}: the intervals overlap, so this may be chance.`;
  }
  const word = (a.mean ?? 0) > (b.mean ?? 0) ? "more" : "less";
  return `${whenA}, ${name} counts ${word} than ${whenB}: ${first} against ${second}.`;
}

/** The chosen input's contribution under each model, each explained for its own answer. */
export function Models() {
  return (
    <Section
      title="Model by model"
      note={`${input.value}, each model for its own answer`}
      state={models.value}
      retry={retryFigures}
    >
      {(found) => (
        <Strips
          what={input.value}
          rows={found.flatMap(([name, { columns }]) => {
            const summary = columns.find((each) => each.column === column.value);
            return summary ? [{ name, summary, to: { model: name } }] : [];
          })}
        />
      )}
    </Section>
  );
}
