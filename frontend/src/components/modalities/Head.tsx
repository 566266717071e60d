import { integer } from "../../lib/format";
import { type Board, board as boardSignal } from "../../state/board";
import { settings } from "../../state/explain";
import {
  chooseInput,
  chooseMeasure,
  chooseSwept,
  hasShapley,
  input,
  measure,
  summable,
  sweptMethod,
} from "../../state/modalities";
import { sweepState } from "../../state/sweep";
import { Segmented } from "../Segmented";
import { Select } from "../Select";
import { ViewLink } from "../ViewLink";
import { MEASURES } from "./words";

/** Which examples, which measure, which input. */
export function Head({ board }: { board: Board }) {
  const examples = sweepState.value.value?.examples;
  const options = MEASURES.filter(({ id }) => id !== "shapley" || hasShapley(board));
  const chosen = MEASURES.find(({ id }) => id === measure.value);
  return (
    <>
      <div class="mod-head">
        <h1>
          What decides the answer
          {examples !== undefined && (
            <>
              , over{" "}
              <ViewLink to={{ view: null }} title="Choose others in Examples">
                <span class="num">
                  {integer(examples)} {examples === 1 ? "example" : "examples"}
                </span>
              </ViewLink>
            </>
          )}
        </h1>
        <span class="grow" />
        <Segmented
          label="Measure"
          options={options}
          value={measure.value}
          onChange={chooseMeasure}
        />
        {measure.value !== "shapley" && (
          <Select
            label="Attributions by"
            options={summable(board)}
            value={sweptMethod.value}
            onChange={chooseSwept}
          />
        )}
        <Segmented
          label="Input"
          options={board.inputs.map(({ name }) => ({
            id: name,
            title: name,
            help: `Show what ${name} contributes, group by group`,
          }))}
          value={input.value}
          onChange={chooseInput}
        />
      </div>
      <p class="mod-help muted">{chosen?.help}</p>
    </>
  );
}

/** What stands for an input that is taken away. */
export function BaselineNote() {
  const inputs = boardSignal.value?.inputs ?? [];
  const chosen = settings.value?.baseline ?? {};
  const said = inputs.map(({ name, baselines, default_baseline }) => {
    const id = chosen[name] ?? default_baseline;
    return `${name}: ${baselines.find((each) => each.id === id)?.title ?? id}`;
  });
  return (
    <p class="muted">
      In place of an input stands its baseline ({said.join("; ")}), as chosen in Explain.
    </p>
  );
}
