import { useEffect, useState } from "preact/hooks";
import type { ApiError, ExampleDetail, ExampleInput } from "../../state/board";
import { type EditPayload, edit, makeEdit } from "../../state/edits";
import { ownTarget, target } from "../../state/explain";
import { asError } from "../../state/resource";
import { navigate } from "../../state/url";
import { Button } from "../Button";
import { Notice } from "../Notice";
import { ColumnsEditor } from "./ColumnsEditor";
import { FileEditor } from "./FileEditor";
import { PaintEditor } from "./PaintEditor";
import { TextEditor } from "./TextEditor";

type Changes = Readonly<Record<string, EditPayload>>;

export interface EditorProps {
  input: ExampleInput;
  example: number;
  /** What the input is to become; null as it was. */
  onChange: (payload: EditPayload | null) => void;
}

/** What would the model say if this were otherwise? The changed example is kept, and explained beside the original. */
export function WhatIf({ detail }: { detail: ExampleDetail }) {
  const [changes, setChanges] = useState<Changes>({});
  const [again, setAgain] = useState(0);
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => setChanges({}), [detail.index]);
  const change = (name: string) => (payload: EditPayload | null) => {
    setError(null);
    setChanges((before) => {
      const { [name]: _, ...others } = before;
      return payload === null ? others : { ...others, [name]: payload };
    });
  };
  const run = async () => {
    setRunning(true);
    setError(null);
    try {
      const made = await makeEdit(detail.index, changes);
      const explained = target.peek() === null ? ownTarget.peek() : undefined;
      navigate({
        example: made.index,
        edit: null,
        ...(explained === undefined ? {} : { target: explained }),
      });
    } catch (reason) {
      setError(asError(reason));
    }
    setRunning(false);
  };
  const changed = Object.keys(changes);
  return (
    <section class="what-if panel" aria-label="What if">
      <header class="panel-head">
        <h2>What if</h2>
        <span class="muted">Change the inputs, then run the changed example beside this one.</span>
      </header>
      <div class="what-if-inputs" key={`${detail.index} ${again}`}>
        {detail.inputs.map((input) => (
          <fieldset key={input.name} class="what-if-input">
            <legend dir="auto">{input.name}</legend>
            <Editor input={input} example={detail.index} onChange={change(input.name)} />
          </fieldset>
        ))}
      </div>
      {error && <Notice error={error} />}
      <footer class="panel-foot what-if-foot">
        <span class="muted">
          {changed.length ? `Changed: ${changed.join(", ")}` : "Nothing is changed yet."}
        </span>
        <span class="what-if-buttons">
          <Button
            onClick={() => {
              setChanges({});
              setAgain(again + 1);
            }}
            disabled={!changed.length}
          >
            Start over
          </Button>
          <Button onClick={() => edit(false)}>Close</Button>
          <Button kind="primary" onClick={() => void run()} disabled={!changed.length || running}>
            {running ? "Running…" : "Run the change"}
          </Button>
        </span>
      </footer>
    </section>
  );
}

/** One editor for each kind of input. */
function Editor(props: EditorProps) {
  const { view } = props.input;
  switch (view.kind) {
    case "image":
      return <PaintEditor {...props} />;
    case "text":
      return <TextEditor {...props} text={view.text} />;
    case "table":
      return <ColumnsEditor {...props} columns={view.columns} />;
    default:
      return <FileEditor {...props} />;
  }
}
