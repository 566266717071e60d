import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface FieldProps {
  label: string;
  /** Keeps the label for screen readers alone. */
  quiet?: boolean;
  help?: string | undefined;
  error?: string | undefined;
  children: ComponentChildren;
}

/** A labelled control with its help and its error. */
export function Field({ label, quiet = false, help, error, children }: FieldProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child.
    <label class="field" title={help}>
      <span class={quiet ? "hidden-text" : "field-label"}>{label}</span>
      {children}
      {error && (
        <span class="field-error" role="alert">
          {error}
        </span>
      )}
    </label>
  );
}

interface TextInputProps {
  value: string;
  onChange: (value: string) => void;
  /** Waits this many milliseconds for more typing; Enter and leaving the field do not wait. */
  wait?: number;
  type?: "text" | "search";
  placeholder?: string;
  invalid?: boolean;
  id?: string;
  label?: string;
}

export function TextInput({
  value,
  onChange,
  wait = 0,
  type = "text",
  placeholder,
  invalid,
  id,
  label,
}: TextInputProps) {
  const timer = useRef<number | undefined>(undefined);
  const latest = useRef(value);
  const commit = (text: string) => {
    clearTimeout(timer.current);
    if (text !== latest.current) {
      latest.current = text;
      onChange(text);
    }
  };
  useEffect(() => {
    latest.current = value;
    return () => clearTimeout(timer.current);
  }, [value]);
  return (
    <input
      class="input"
      id={id}
      type={type as "text"}
      value={value}
      placeholder={placeholder}
      aria-invalid={invalid}
      aria-label={label}
      spellcheck={false}
      autocomplete="off"
      onInput={(event) => {
        const text = event.currentTarget.value;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => commit(text), wait) as unknown as number;
      }}
      onBlur={(event) => commit(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(event.currentTarget.value);
      }}
    />
  );
}

interface NumberInputProps {
  value: number | null;
  onChange: (value: number | null) => void;
  min?: number | undefined;
  max?: number | undefined;
  step?: number | "any";
  placeholder?: string;
  label?: string;
}

/** A number, given on when it is complete: by Enter, by leaving the field, by its arrows. */
export function NumberInput({
  value,
  onChange,
  min,
  max,
  step = "any",
  placeholder,
  label,
}: NumberInputProps) {
  return (
    <input
      class="input num"
      type="number"
      value={value ?? ""}
      min={min}
      max={max}
      step={step}
      placeholder={placeholder}
      aria-label={label}
      onChange={(event) => {
        const { value: text, valueAsNumber } = event.currentTarget;
        if (text === "") onChange(null);
        else if (Number.isFinite(valueAsNumber)) onChange(clamp(valueAsNumber, min, max));
      }}
    />
  );
}

function clamp(value: number, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY) {
  return Math.min(max, Math.max(min, value));
}
