import { Button } from "./Button";

interface ProgressProps {
  label: string;
  done: number;
  total: number;
  onCancel?: (() => void) | undefined;
}

/** How far a running computation is, and the way to end it. */
export function Progress({ label, done, total, onCancel }: ProgressProps) {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <div class="progress">
      <span>{label}</span>
      <progress max={1} value={share} aria-label={label} />
      <span class="num muted">{Math.floor(100 * share)} %</span>
      {onCancel && (
        <Button kind="quiet" onClick={onCancel} label={`Cancel: ${label}`}>
          Cancel
        </Button>
      )}
    </div>
  );
}
