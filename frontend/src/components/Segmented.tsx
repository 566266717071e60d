import type { ComponentChildren } from "preact";

export interface Segment<T extends string> {
  id: T;
  title: ComponentChildren;
  help?: string;
}

interface SegmentedProps<T extends string> {
  label: string;
  options: readonly Segment<T>[];
  value: T;
  onChange: (value: T) => void;
}

/** One of a few choices, all in sight. */
export function Segmented<T extends string>({
  label,
  options,
  value,
  onChange,
}: SegmentedProps<T>) {
  return (
    <fieldset class="segmented">
      <legend class="hidden-text">{label}</legend>
      {options.map((option) => (
        <button
          key={option.id}
          type="button"
          aria-pressed={option.id === value}
          title={option.help}
          onClick={() => onChange(option.id)}
        >
          {option.title}
        </button>
      ))}
    </fieldset>
  );
}
