interface SignedBarProps {
  value: number;
  /** The size that fills the track. */
  most: number;
  /** Zero lies in the middle, since some values are below it. */
  centred: boolean;
  /** A size alone: its colour says neither for nor against. */
  unsigned?: boolean;
}

/** A bar that grows to the right for what is above zero and to the left for what is below. */
export function SignedBar({ value, most, centred, unsigned = false }: SignedBarProps) {
  const share = most > 0 && Number.isFinite(value) ? Math.min(1, Math.abs(value) / most) : 0;
  const width = centred ? 50 * share : 100 * share;
  const left = !centred ? 0 : value < 0 ? 50 - width : 50;
  return (
    <span class={`signed-bar ${centred ? "centred" : ""}`} aria-hidden="true">
      <i
        class={`bar-fill ${unsigned ? "strength" : value < 0 ? "negative" : "positive"}`}
        style={{ left: `${left}%`, width: `${width}%` }}
      />
    </span>
  );
}
