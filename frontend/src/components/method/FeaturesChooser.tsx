import type { Board, InputInfo } from "../../state/board";
import { draft, edit, problems } from "../../state/draft";
import { shown } from "../../state/explain";
import { Popover } from "./Popover";

/** For each input, which elements are taken away together. */
export function FeaturesChooser({ board }: { board: Board }) {
  const inputs = board.inputs.filter((input) => input.features.length > 0);
  return (
    <Popover
      title="Features"
      firm
      invalid={problems.value.features !== undefined}
      text={
        <>
          <span class="setting-name">features</span>
          <span class="ellipsis">{[...new Set(inputs.map(titleOf))].join(", ")}</span>
        </>
      }
    >
      <p class="setting-help">
        What is taken away together. Fewer, larger features need fewer passes.
      </p>
      {inputs.map((input) => (
        <InputFeatures key={input.name} input={input} />
      ))}
    </Popover>
  );
}

/** The chosen grouping; "" leaves it to the server, which groups what would take too many passes. */
function chosen(input: InputInfo): string {
  return draft.value.features[input.name] ?? "";
}

function titleOf(input: InputInfo): string {
  const id = chosen(input);
  if (id === "") return autoTitle(input);
  return input.features.find((choice) => choice.id === id)?.title ?? id;
}

/** "auto", with what that came to in the result on screen. */
function autoTitle(input: InputInfo): string {
  const made = shown.value?.result?.meta.features?.[input.name];
  const title = input.features.find((choice) => choice.id === made)?.title;
  return title ? `auto: ${title.toLowerCase()}` : "auto";
}

function InputFeatures({ input }: { input: InputInfo }) {
  const id = chosen(input);
  return (
    <label class="setting">
      <span class="setting-name">{input.name}</span>
      <select
        class="input select"
        value={id}
        onChange={(event) =>
          edit({ features: { ...draft.peek().features, [input.name]: event.currentTarget.value } })
        }
      >
        <option value="">{autoTitle(input)}</option>
        {input.features.map((choice) => (
          <option key={choice.id} value={choice.id} title={choice.help}>
            {choice.title}
          </option>
        ))}
      </select>
      <span class="setting-help">{input.features.find((choice) => choice.id === id)?.help}</span>
    </label>
  );
}
