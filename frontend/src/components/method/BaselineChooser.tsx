import { useState } from "preact/hooks";
import type { ApiError, Board, InputInfo } from "../../state/board";
import { draft, edit, problems, runDraft } from "../../state/draft";
import { makeEdit, payloadOf } from "../../state/edits";
import { exampleIndex } from "../../state/examples";
import { asError } from "../../state/resource";
import { exampleOf, ownFileOf } from "../../state/settings";
import { FileField } from "../FileField";
import { Popover } from "./Popover";
import { TextField } from "./TextField";

const OTHER = "example:";
const FILE = "file";

/** For each input, what stands for "absent": a named baseline, or another example. */
export function BaselineChooser({ board }: { board: Board }) {
  const wrong = board.inputs.some(({ name }) => problems.value[`baseline.${name}`]);
  return (
    <Popover
      title="Baseline"
      invalid={wrong}
      text={
        <>
          <span class="setting-name">baseline</span>
          <span class="ellipsis">{board.inputs.map(titleOf).join(", ")}</span>
        </>
      }
    >
      <p class="setting-help">
        The reference each input is compared with: the attributions explain the step from it to this
        example.
      </p>
      <BaselineFields board={board} />
    </Popover>
  );
}

export function BaselineFields({ board }: { board: Board }) {
  return (
    <>
      {board.inputs.map((input) => (
        <InputBaseline key={input.name} input={input} size={board.size} />
      ))}
    </>
  );
}

function chosen(input: InputInfo): string {
  return draft.value.baseline[input.name] ?? input.default_baseline;
}

function titleOf(input: InputInfo): string {
  const id = chosen(input);
  const example = exampleOf(id);
  if (ownFileOf(id) !== null) return "own file";
  if (example !== null) return example < 0 ? "example…" : `#${example}`;
  return input.baselines.find((choice) => choice.id === id)?.title ?? id;
}

function InputBaseline({ input, size }: { input: InputInfo; size: number }) {
  const text = chosen(input);
  const file = ownFileOf(text) !== null;
  const example = !file && exampleOf(text) !== null;
  const [asking, setAsking] = useState(false);
  const error = problems.value[`baseline.${input.name}`];
  const change = (next: string) =>
    edit({ baseline: { ...draft.peek().baseline, [input.name]: next } });
  const help = input.baselines.find((choice) => choice.id === text)?.help;
  return (
    <div class="setting">
      <span class="setting-name">{input.name}</span>
      <select
        class="input select"
        aria-label={`Baseline of ${input.name}`}
        value={asking || file ? FILE : example ? OTHER : text}
        onChange={(event) => {
          setAsking(event.currentTarget.value === FILE);
          if (event.currentTarget.value !== FILE) change(event.currentTarget.value);
        }}
      >
        {input.baselines.map((choice) => (
          <option key={choice.id} value={choice.id} title={choice.help}>
            {choice.title}
          </option>
        ))}
        <option value={OTHER}>another example</option>
        <option value={FILE}>a file of your own</option>
      </select>
      {(asking || file) && (
        <FileBaseline
          input={input.name}
          onMade={(index) => {
            setAsking(false);
            change(`own:${index}`);
          }}
        />
      )}
      {!asking && example && (
        <TextField
          label={`Index of the example that is the baseline of ${input.name}, 0 to ${size - 1}`}
          text={text.slice(OTHER.length)}
          placeholder="index"
          numeric
          step
          invalid={error !== undefined}
          onChange={(index) => change(OTHER + index)}
          onEnter={runDraft}
        />
      )}
      {error && text !== OTHER && (
        <span class="field-error" role="alert">
          {error}
        </span>
      )}
      {help && <span class="setting-help">{help}</span>}
      {text === input.default_baseline && input.baseline_reason && (
        <span class="setting-help">Taken by itself: {input.baseline_reason}</span>
      )}
    </div>
  );
}

/** A file that becomes an example of one's own, whose input then stands for "absent". */
function FileBaseline({ input, onMade }: { input: string; onMade: (index: number) => void }) {
  const [error, setError] = useState<ApiError | null>(null);
  const take = async (file: File) => {
    setError(null);
    try {
      const parent = exampleIndex.peek() ?? 0;
      const made = await makeEdit(parent, { [input]: await payloadOf(file) }, "baseline");
      onMade(made.index);
    } catch (reason) {
      setError(asError(reason));
    }
  };
  return (
    <>
      <FileField label={`Baseline of ${input}`} onFile={(file) => void take(file)} />
      {error && (
        <span class="field-error" role="alert">
          {error.detail ?? error.title}
        </span>
      )}
    </>
  );
}
