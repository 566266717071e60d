interface IntervalDotProps {
  mean: number;
  low: number | null;
  high: number | null;
  /** What it is compared with, drawn as a tick. */
  control: number | null;
  domain: readonly [number, number];
}

const WIDTH = 84;
const HEIGHT = 14;
const EDGE = 5;

/** A mean with its interval on a common scale. Hidden from readers: the number stands beside it. */
export function IntervalDot({ mean, low, high, control, domain }: IntervalDotProps) {
  const [from, to] = domain;
  const x = (value: number) => {
    const share = (value - from) / (to - from || 1);
    return EDGE + (WIDTH - 2 * EDGE) * Math.min(1, Math.max(0, share));
  };
  const middle = HEIGHT / 2;
  return (
    <svg class="interval" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path class="axis" d={`M${EDGE} ${middle}H${WIDTH - EDGE}`} />
      {control !== null && <path class="control" d={`M${x(control)} 1V${HEIGHT - 1}`} />}
      {low !== null && high !== null && <path class="span" d={`M${x(low)} ${middle}H${x(high)}`} />}
      <circle cx={x(mean)} cy={middle} r={3.5} />
    </svg>
  );
}
