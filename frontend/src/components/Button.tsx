import type { ComponentChildren } from "preact";

interface ButtonProps {
  children: ComponentChildren;
  onClick: () => void;
  kind?: "plain" | "primary" | "quiet";
  disabled?: boolean;
  pressed?: boolean;
  /** The accessible name, where the text alone does not say it. */
  label?: string;
  title?: string;
}

export function Button({
  children,
  onClick,
  kind = "plain",
  disabled,
  pressed,
  label,
  title,
}: ButtonProps) {
  return (
    <button
      type="button"
      class={`btn ${kind}`}
      onClick={onClick}
      disabled={disabled}
      aria-pressed={pressed}
      aria-label={label}
      title={title}
    >
      {children}
    </button>
  );
}
