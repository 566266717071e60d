import { barHeight } from "../lib/bins";
import type { Count } from "../lib/matrix";
import { figure, signed } from "../lib/scale";

interface SpreadProps {
  label: string;
  counts: readonly Count[];
  unsigned: boolean;
}

const HEIGHT = 48;

/** How often values occur, below zero to the left and above to the right. Heights go by the square root. */
export function Spread({ label, counts, unsigned }: SpreadProps) {
  const highest = Math.max(0, ...counts.map(({ count }) => count));
  const end = counts[counts.length - 1]?.to ?? 0;
  const shown = unsigned ? counts.slice(Math.floor(counts.length / 2)) : counts;
  return (
    <figure class="spread">
      <svg
        viewBox={`0 0 ${shown.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}, from ${figure(unsigned ? 0 : -end)} to ${figure(end)}`}
      >
        {shown.map(({ from, to, count }, i) => {
          const height = HEIGHT * barHeight(count, highest);
          const middle = from < 0 && to > 0;
          const kind = middle ? "zero" : unsigned ? "strength" : to <= 0 ? "negative" : "positive";
          return (
            <rect
              key={from}
              class={kind}
              x={i + 0.08}
              y={HEIGHT - height}
              width={0.84}
              height={height}
            >
              <title>{`${figure(from)} to ${figure(to)}: ${count}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption class="num muted">
        <span>{unsigned ? "0" : figure(-end)}</span>
        {!unsigned && <span>0</span>}
        <span>{signed(end)}</span>
      </figcaption>
    </figure>
  );
}
