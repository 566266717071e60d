import { type Parameter, plainName } from "../../lib/parameters";
import { draft, edit, problems, runDraft } from "../../state/draft";
import { shownText } from "../../state/settings";
import { TextField } from "./TextField";

interface ParameterFieldProps {
  parameter: Parameter;
  /** In the method bar: the help is a tooltip. In the pane it is written out. */
  inline?: boolean;
}

/** One parameter of the method, with the control its schema asks for. */
export function ParameterField({ parameter, inline = false }: ParameterFieldProps) {
  const { name, title, help } = parameter;
  const text = shownText(draft.value.params[name] ?? parameter.text);
  const error = problems.value[name];
  const change = (next: string) =>
    edit({ params: { ...draft.peek().params, [name]: next === "" ? "auto" : next } });
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is inside.
    <label class={`setting ${inline ? "inline" : ""}`} title={inline ? help : undefined}>
      <span class="setting-name">{title}</span>
      <Control parameter={parameter} text={text} onChange={change} invalid={error !== undefined} />
      {error && (
        <span class="field-error" role="alert">
          {error}
        </span>
      )}
      {!inline && help && <span class="setting-help">{help}</span>}
    </label>
  );
}

interface ControlProps {
  parameter: Parameter;
  text: string;
  onChange: (text: string) => void;
  invalid: boolean;
}

function Control({ parameter, text, onChange, invalid }: ControlProps) {
  const { kind, choices, optional } = parameter;
  if (kind === "boolean") {
    return (
      <input
        type="checkbox"
        checked={text === "true"}
        onChange={(event) => onChange(String(event.currentTarget.checked))}
      />
    );
  }
  if (kind === "choice") {
    return (
      <select
        class="input select"
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {optional && <option value="">auto</option>}
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {plainName(choice)}
          </option>
        ))}
      </select>
    );
  }
  return (
    <TextField
      text={text}
      numeric={kind === "integer" || kind === "number"}
      step={kind === "integer"}
      placeholder={optional ? "auto" : ""}
      invalid={invalid}
      onChange={onChange}
      onEnter={runDraft}
    />
  );
}
