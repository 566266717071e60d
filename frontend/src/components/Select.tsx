export interface Option {
  id: string;
  title: string;
  disabled?: boolean;
  help?: string;
}

interface SelectProps {
  label?: string;
  options: readonly Option[];
  value: string;
  onChange: (value: string) => void;
}

/** The browser's own list: it works with every keyboard, reader and touch screen. */
export function Select({ label, options, value, onChange }: SelectProps) {
  return (
    <select
      class="input select"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {options.map((option) => (
        <option key={option.id} value={option.id} disabled={option.disabled} title={option.help}>
          {option.title}
        </option>
      ))}
    </select>
  );
}
