interface AxisProps {
  low: number;
  high: number;
  text: (value: number) => string;
  steps?: number;
}

/** The scale under rows or bars, in equal steps. */
export function Axis({ low, high, text, steps = 4 }: AxisProps) {
  const values = Array.from({ length: steps + 1 }, (_, i) => low + ((high - low) * i) / steps);
  return (
    <div class="axis num" aria-hidden="true">
      {values.map((value) => (
        <span key={value}>{text(value)}</span>
      ))}
    </div>
  );
}
