import { jitter, placeOf } from "../lib/contributions";

interface StripProps {
  low: number;
  high: number;
  /** Least, first quartile, median, third quartile, greatest. */
  quartiles: readonly number[] | null;
  mean: number | null;
  /** The 95 % interval of the mean. */
  interval: readonly number[] | null;
  /** Examples one by one: index and value. */
  points?: readonly (readonly [number, number])[];
  titleOf?: (index: number, value: number) => string;
  onPick?: (index: number) => void;
}

const HEIGHT = 26;
const BOX = { y: 6, height: 14 };

/**
 * One row of a distribution: the middle half as a box, the median as a line, the mean's interval as a bar
 * above it, examples as dots that open them. Hidden from readers: the row's text says the figures.
 */
export function Strip({ low, high, quartiles, mean, interval, ...dots }: StripProps) {
  const at = (value: number) => `${placeOf(value, low, high)}%`;
  const wide = (from: number, to: number) =>
    `${placeOf(to, low, high) - placeOf(from, low, high)}%`;
  const [, first = 0, median = 0, third = 0] = quartiles ?? [];
  return (
    <svg class="dist" height={HEIGHT} aria-hidden="true">
      <line class="dist-line" x1="0" x2="100%" y1={HEIGHT / 2} y2={HEIGHT / 2} />
      {low < 0 && high > 0 && (
        <line class="dist-zero" x1={at(0)} x2={at(0)} y1="2" y2={HEIGHT - 2} />
      )}
      <Dots at={at} {...dots} />
      {quartiles && (
        <>
          <rect class="dist-box" x={at(first)} width={wide(first, third)} {...BOX} />
          <line class="dist-median" x1={at(median)} x2={at(median)} y1="6" y2="20" />
        </>
      )}
      {interval && (
        <line
          class="dist-interval"
          x1={at(interval[0] ?? 0)}
          x2={at(interval[1] ?? 0)}
          y1="3"
          y2="3"
        />
      )}
      {mean !== null && <circle class="dist-mean" cx={at(mean)} cy="3" r="2.5" />}
    </svg>
  );
}

type DotsProps = Pick<StripProps, "points" | "titleOf" | "onPick"> & { at: (v: number) => string };

function Dots({ points = [], titleOf, onPick, at }: DotsProps) {
  return (
    <>
      {points.map(([index, value]) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut of the pointer; the row's link leads there too.
        <circle
          key={index}
          class={value < 0 ? "dist-dot against" : "dist-dot"}
          cx={at(value)}
          cy={8 + 10 * jitter(index)}
          r="2.5"
          onClick={() => onPick?.(index)}
        >
          <title>{titleOf?.(index, value)}</title>
        </circle>
      ))}
    </>
  );
}
