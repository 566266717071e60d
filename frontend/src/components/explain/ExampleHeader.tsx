import { integer, names as joined } from "../../lib/format";
import { figure } from "../../lib/scale";
import type { Board, ExampleDetail } from "../../state/board";
import { examplePosition, examples } from "../../state/examples";
import { classesOf, predictedAll, scores, step } from "../../state/explain";
import { Button } from "../Button";

/** What the example is, what it should be, and what the model says. */
export function ExampleHeader({ board, detail }: { board: Board; detail: ExampleDetail }) {
  const title = titleOf(detail);
  return (
    <header class="example-header">
      <h1 dir="auto">{title ?? `Example ${detail.index}`}</h1>
      <p class="example-facts">
        {title !== null && <span class="num">#{detail.index}</span>}
        {detail.label_name !== null && (
          <span>
            label <b dir="auto">{joined(detail.label_name)}</b>
          </span>
        )}
        <Prediction board={board} detail={detail} />
      </p>
      <span class="grow" />
      <Steps />
    </header>
  );
}

function titleOf(detail: ExampleDetail): string | null {
  for (const { view } of detail.inputs) if (view.kind === "text") return view.text;
  return null;
}

function Prediction({ board, detail }: { board: Board; detail: ExampleDetail }) {
  const [first] = scores.value;
  if (!first) return <span>no prediction yet</span>;
  if (board.output.kind === "regression") {
    return (
      <span class="num">
        predicted <b>{figure(first.score ?? Number.NaN, 4)}</b> {board.output.unit}
      </span>
    );
  }
  const names = predictedAll.value.map((index) => board.output.names[index] ?? `class ${index}`);
  const right = isRight(detail);
  const mark = right === null ? "" : right ? "right" : "wrong";
  return (
    <span>
      predicted{" "}
      <b dir="auto" class={mark}>
        {names.join(", ") || "nothing"}
      </b>
      {mark && ", "}
      <b class={mark}>{mark}</b>
    </span>
  );
}

function isRight({ label }: ExampleDetail): boolean | null {
  if (label === null) return null;
  const wanted = classesOf(label);
  const found = predictedAll.value;
  return wanted.length === found.length && wanted.every((index) => found.includes(index));
}

function Steps() {
  const position = examplePosition.value;
  const { total } = examples.value;
  if (total === 0) return null;
  return (
    <span class="steps">
      {position >= 0 && (
        <span class="muted num">
          {integer(position + 1)} of {integer(total)}
        </span>
      )}
      <Button
        onClick={() => step(-1)}
        label="Previous example"
        title="Previous example (k)"
        disabled={position === 0}
      >
        ‹
      </Button>
      <Button
        onClick={() => step(1)}
        label="Next example"
        title="Next example (j)"
        disabled={position === total - 1}
      >
        ›
      </Button>
    </span>
  );
}
