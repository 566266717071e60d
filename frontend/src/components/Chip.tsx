import type { ComponentChildren } from "preact";

interface ChipProps {
  children: ComponentChildren;
  on?: boolean;
  onClick: () => void;
  /** Shown after the text, in tabular figures. */
  value?: string;
  title?: string;
}

/** A choice that can be switched on. */
export function Chip({ children, on = false, onClick, value, title }: ChipProps) {
  return (
    <button type="button" class="chip" aria-pressed={on} onClick={onClick} title={title}>
      {children}
      {value !== undefined && <span class="num">{value}</span>}
    </button>
  );
}

/** A choice in force, with a button that takes it away. */
export function RemovableChip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <span class="chip removable">
      {text}
      <button type="button" aria-label={`Remove ${text}`} onClick={onRemove}>
        ×
      </button>
    </span>
  );
}
