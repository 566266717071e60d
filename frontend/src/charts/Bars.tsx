import type { Bin } from "../lib/bins";

interface BarsProps {
  label: string;
  bins: readonly Bin[];
  /** What a bar stands for, in words, with its count. */
  titleOf: (bin: Bin, last: boolean) => string;
  hrefOf: (bin: Bin, last: boolean) => string;
  onPick: (bin: Bin, last: boolean) => void;
}

/** Bars that each lead to their examples. Heights go by the count; one example is still seen. */
export function Bars({ label, bins, titleOf, hrefOf, onPick }: BarsProps) {
  const highest = Math.max(1, ...bins.map(({ count }) => count));
  return (
    <ul class="bars" aria-label={label}>
      {bins.map((bin, index) => {
        const last = index === bins.length - 1;
        return (
          <li key={bin.from}>
            {bin.count > 0 && (
              <a
                class={bin.to <= 0 ? "against" : undefined}
                href={hrefOf(bin, last)}
                aria-label={titleOf(bin, last)}
                title={titleOf(bin, last)}
                onClick={(event) => {
                  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                  event.preventDefault();
                  onPick(bin, last);
                }}
              >
                <span style={{ height: `${Math.max(3, (100 * bin.count) / highest)}%` }} />
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}
