import { useRef } from "preact/hooks";
import { type Bin, barHeight, binAt, inRange, rangeOf } from "../lib/bins";

interface HistogramProps {
  bins: readonly Bin[];
  min: number | null;
  max: number | null;
  /** While dragging: every step. `done` on letting go. */
  onRange: (min: number | null, max: number | null, done: boolean) => void;
}

const HEIGHT = 44;

/**
 * Bars whose range is chosen by dragging over them, or by a click on one. Heights go by the square root of
 * the count. Hidden from readers and keyboard: number inputs beside it do the same.
 */
export function Histogram({ bins, min, max, onRange }: HistogramProps) {
  const anchor = useRef<number | null>(null);
  const highest = Math.max(0, ...bins.map((bin) => bin.count));
  const at = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return binAt((event.clientX - box.left) / box.width, bins.length);
  };
  const pick = (event: PointerEvent, done: boolean) => {
    if (anchor.current === null) return;
    const range = rangeOf(bins, anchor.current, at(event));
    onRange(range.min, range.max, done);
  };
  return (
    <svg
      class="histogram"
      viewBox={`0 0 ${bins.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      data-chosen={min !== null || max !== null}
      onPointerDown={(event) => {
        anchor.current = at(event);
        event.currentTarget.setPointerCapture(event.pointerId);
        pick(event, false);
      }}
      onPointerMove={(event) => pick(event, false)}
      onPointerUp={(event) => {
        pick(event, true);
        anchor.current = null;
      }}
      onPointerCancel={() => {
        anchor.current = null;
      }}
    >
      {bins.map((bin, index) => (
        <g key={bin.from} class={inRange(bin, min, max) ? "in" : "out"}>
          <title>{`${bin.from.toFixed(2)} to ${bin.to.toFixed(2)}: ${bin.count}`}</title>
          <rect class="hit" x={index} y={0} width={1} height={HEIGHT} />
          <rect {...bar(bin.count, highest, index)} />
        </g>
      ))}
    </svg>
  );
}

function bar(count: number, highest: number, index: number) {
  const height = HEIGHT * barHeight(count, highest);
  return { x: index + 0.06, y: HEIGHT - height, width: 0.88, height };
}
