import type { Parameter } from "../../lib/parameters";
import type { Board } from "../../state/board";
import { draft, edit, problems, runDraft } from "../../state/draft";
import { parametersFor } from "../../state/settings";
import { BaselineChooser } from "./BaselineChooser";
import { FeaturesChooser } from "./FeaturesChooser";
import { MethodSelect } from "./MethodSelect";
import { ParameterField } from "./ParameterField";
import { Popover } from "./Popover";
import { RunControls } from "./RunControls";
import { TextField } from "./TextField";

const IN_SIGHT = 2;

/** The method with its settings, what a run costs, and Run, on one line. */
export function MethodBar({ board }: { board: Board }) {
  const id = draft.value.method;
  const method = board.methods.find((known) => known.id === id);
  const parameters = parametersFor(board, id);
  return (
    <section class="method-bar" aria-label="Method and settings">
      <MethodSelect board={board} />
      <div class="inline-settings">
        {inSight(parameters).map((parameter) => (
          <ParameterField key={`${id} ${parameter.name}`} parameter={parameter} inline />
        ))}
      </div>
      <BaselineChooser board={board} />
      {method?.family === "perturbation" && <FeaturesChooser board={board} />}
      <AllSettings summary={method?.summary} parameters={parameters} />
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
  summary: string | undefined;
  parameters: readonly Parameter[];
}

function AllSettings({ summary, parameters }: AllSettingsProps) {
  const names = [...parameters.map(({ name }) => name), "seed"];
  return (
    <Popover
      title="All settings"
      invalid={names.some((name) => problems.value[name])}
      text="Settings"
    >
      {summary && <p class="setting-help">{summary}</p>}
      {parameters.map((parameter) => (
        <ParameterField key={parameter.name} parameter={parameter} />
      ))}
      <SeedField />
    </Popover>
  );
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
