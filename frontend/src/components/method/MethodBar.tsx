import type { Parameter } from "../../lib/parameters";
import { type Board, layers, type MethodInfo } from "../../state/board";
import { draft, edit, problems, runDraft } from "../../state/draft";
import { layerOf, parametersFor } from "../../state/settings";
import { BaselineChooser, BaselineFields } from "./BaselineChooser";
import { FeaturesChooser } from "./FeaturesChooser";
import { LayerChooser, LayerList } from "./LayerChooser";
import { MethodSelect } from "./MethodSelect";
import { ParameterField } from "./ParameterField";
import { Popover } from "./Popover";
import { RunControls } from "./RunControls";
import { TextField } from "./TextField";

const IN_SIGHT = 2;
/** With more inputs there are too many coalitions for exact Shapley values. */
const MOST_PLAYERS = 4;

/** The method with its settings, what a run costs, and Run, on one line. */
export function MethodBar({ board }: { board: Board }) {
  const id = draft.value.method;
  const method = board.methods.find((known) => known.id === id);
  const parameters = parametersFor(board, id);
  const layer = method ? layerOf(method, draft.value.layer, layers.value) : null;
  return (
    <section class="method-bar" aria-label="Method and settings">
      <MethodSelect board={board} />
      <div class="inline-settings">
        {inSight(parameters).map((parameter) => (
          <ParameterField key={`${id} ${parameter.name}`} parameter={parameter} inline />
        ))}
      </div>
      {method && layer !== null && <LayerChooser method={method} />}
      {method?.uses_baseline && <BaselineChooser board={board} />}
      {method?.uses_features && layer === null && <FeaturesChooser board={board} />}
      <AllSettings board={board} method={method} parameters={parameters} />
      <span class="grow" />
      <RunControls />
    </section>
  );
}

/** The first parameters that fit on the line: numbers and choices that are always set. */
function inSight(parameters: readonly Parameter[]): Parameter[] {
  const short = ({ kind, optional }: Parameter) =>
    !optional && (kind === "integer" || kind === "number" || kind === "choice");
  return parameters.filter(short).slice(0, IN_SIGHT);
}

interface AllSettingsProps {
  board: Board;
  method: MethodInfo | undefined;
  parameters: readonly Parameter[];
}

function AllSettings({ board, method, parameters }: AllSettingsProps) {
  const anywhere = layers.value.length > 0 && method?.sites.includes("layer") ? method : null;
  const names = [...parameters.map(({ name }) => name), "seed"];
  return (
    <Popover
      title="All settings"
      invalid={names.some((name) => problems.value[name])}
      text="Settings"
    >
      {method && <p class="setting-help">{method.summary}</p>}
      {parameters.map((parameter) => (
        <ParameterField key={parameter.name} parameter={parameter} />
      ))}
      <SeedField />
      {method && !method.uses_baseline && hasShapley(board) && (
        <>
          <p class="setting-help">
            {method.title} needs no baseline; the inputs' Shapley values do:
          </p>
          <BaselineFields board={board} />
        </>
      )}
      {anywhere && !anywhere.needs_layer && (
        <div class="setting">
          <span class="setting-name">attribute to</span>
          <LayerList method={anywhere} />
        </div>
      )}
    </Popover>
  );
}

/** Whether each input's contribution is computed along with every result. */
function hasShapley({ inputs }: Board): boolean {
  return inputs.length > 1 && inputs.length <= MOST_PLAYERS;
}

function SeedField() {
  const error = problems.value.seed;
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is inside.
    <label class="setting">
      <span class="setting-name">seed</span>
      <TextField
        text={draft.value.seed}
        numeric
        step
        invalid={error !== undefined}
        onChange={(seed) => edit({ seed })}
        onEnter={runDraft}
      />
      {error && (
        <span class="field-error" role="alert">
          {error}
        </span>
      )}
      <span class="setting-help">
        All random draws come from it: the same seed, the same result.
      </span>
    </label>
  );
}
