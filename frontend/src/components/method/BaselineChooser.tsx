import type { Board, InputInfo } from "../../state/board";
import { draft, edit, problems, runDraft } from "../../state/draft";
import { exampleOf } from "../../state/settings";
import { Popover } from "./Popover";
import { TextField } from "./TextField";

const OTHER = "example:";

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
  if (example !== null) return example < 0 ? "example…" : `#${example}`;
  return input.baselines.find((choice) => choice.id === id)?.title ?? id;
}

function InputBaseline({ input, size }: { input: InputInfo; size: number }) {
  const text = chosen(input);
  const example = exampleOf(text) !== null;
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
        value={example ? OTHER : text}
        onChange={(event) => change(event.currentTarget.value)}
      >
        {input.baselines.map((choice) => (
          <option key={choice.id} value={choice.id} title={choice.help}>
            {choice.title}
          </option>
        ))}
        <option value={OTHER}>another example</option>
      </select>
      {example && (
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
