interface TextFieldProps {
  text: string;
  onChange: (text: string) => void;
  onEnter: () => void;
  numeric?: boolean;
  /** The up and down keys change a whole number by one. */
  step?: boolean;
  placeholder?: string;
  invalid?: boolean;
  label?: string;
}

/** A value typed as text, so that what is not valid stays in sight beside the sentence about it. */
export function TextField(props: TextFieldProps) {
  const { text, onChange, onEnter, numeric = false, step = false } = props;
  return (
    <input
      class={`input ${numeric ? "num short" : ""}`}
      type="text"
      inputMode={numeric ? "decimal" : "text"}
      value={text}
      placeholder={props.placeholder}
      aria-label={props.label}
      aria-invalid={props.invalid}
      spellcheck={false}
      autocomplete="off"
      onInput={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") onEnter();
        const by = step ? stepOf(event.key) : 0;
        const value = Number(text);
        if (by === 0 || text === "" || !Number.isInteger(value)) return;
        event.preventDefault();
        onChange(String(value + by));
      }}
    />
  );
}

function stepOf(key: string): number {
  if (key === "ArrowUp") return 1;
  return key === "ArrowDown" ? -1 : 0;
}
