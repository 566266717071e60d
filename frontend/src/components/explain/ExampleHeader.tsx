import { leavePictures } from "../../canvas/picture";
import { integer, names as joined } from "../../lib/format";
import { figure } from "../../lib/scale";
import type { Board, ExampleDetail } from "../../state/board";
import { edit, editing, removeEdit } from "../../state/edits";
import { examplePosition, examples } from "../../state/examples";
import {
  classesOf,
  predictedAll,
  predictionOf,
  showExample,
  showFirst,
  shown,
  step,
} from "../../state/explain";
import { isPinned, togglePin } from "../../state/marks";
import { asError } from "../../state/resource";
import { say } from "../../state/toast";
import { Button } from "../Button";
import { TakeAway } from "../takeaway/TakeAway";

/** What the example is, what it should be, and what the model says. */
export function ExampleHeader({ board, detail }: { board: Board; detail: ExampleDetail }) {
  const title = titleOf(detail);
  return (
    <header class="example-header">
      <div class="example-title">
        <h1 dir="auto">{title ?? `Example ${detail.index}`}</h1>
        <p class="example-facts">
          {title !== null && <span class="num">#{detail.index}</span>}
          {detail.edit && <Made detail={detail} edit={detail.edit} />}
          {detail.label_name !== null && (
            <span>
              label <b dir="auto">{joined(detail.label_name)}</b>
            </span>
          )}
          <Prediction board={board} detail={detail} />
        </p>
      </div>
      <span class="header-side">
        <span class="header-tools" data-live>
          <Button
            onClick={() => edit(!editing.value)}
            pressed={editing.value}
            title="Change the inputs and see what that does (e)"
          >
            What if
          </Button>
          <Pin index={detail.index} />
          <TakeAway board={board} detail={detail} shown={shown.value} />
        </span>
        <Steps />
      </span>
    </header>
  );
}

function Pin({ index }: { index: number }) {
  const on = isPinned(index);
  return (
    <Button
      onClick={() => void togglePin(index)}
      pressed={on}
      title={
        on
          ? "No longer above every list of examples (p)"
          : "Keep it above every list of examples (p)"
      }
    >
      {on ? "Pinned" : "Pin"}
    </Button>
  );
}

/** How an example of one's own came to be, and the way to be rid of it. */
function Made({
  detail,
  edit,
}: {
  detail: ExampleDetail;
  edit: NonNullable<ExampleDetail["edit"]>;
}) {
  const { origin } = edit;
  // Left first, so that nothing asks for what is no longer there.
  const remove = async () => {
    if (origin !== null) showExample(origin);
    else showFirst();
    const comeBack = leavePictures(`api/examples/${detail.index}/`);
    await removeEdit(detail.index).catch((error) => {
      comeBack();
      say(asError(error).message);
    });
  };
  return (
    <span>
      your own{edit.changed.length > 0 && `: ${edit.changed.join(", ")} changed`}
      <Button kind="quiet" onClick={() => void remove()} title="Remove this example of your own">
        Remove
      </Button>
    </span>
  );
}

function titleOf(detail: ExampleDetail): string | null {
  for (const { view } of detail.inputs) if (view.kind === "text") return view.text;
  return null;
}

function Prediction({ board, detail }: { board: Board; detail: ExampleDetail }) {
  const first = predictionOf()?.scores[0];
  if (!first) return <span>no prediction yet</span>;
  if (board.output.kind === "regression") {
    return (
      <span class="num">
        predicted <b>{figure(first.score ?? Number.NaN, 4)}</b> {board.output.unit}
      </span>
    );
  }
  const listed = board.output.names.length > 0;
  const names = listed
    ? predictedAll.value.map((index) => board.output.names[index] ?? `class ${index}`)
    : [first.name];
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
