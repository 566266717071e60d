import { useState } from "preact/hooks";
import { Histogram } from "../../charts/Histogram";
import type { Bin } from "../../lib/bins";
import { NumberInput } from "../Field";
import { Group } from "./Group";

export interface Range {
  min: number | null;
  max: number | null;
}

interface RangeFacetProps {
  title: string;
  bins: readonly Bin[];
  /** What is chosen now. */
  range: Range;
  onChange: (range: Range) => void;
  folded?: boolean;
}

/** A column of numbers: drag over the bars, or type the ends. */
export function RangeFacet({ title, bins, range, onChange, folded = false }: RangeFacetProps) {
  const [dragged, setDragged] = useState<Range | null>(null);
  const { min, max } = dragged ?? range;
  const low = bins[0]?.from ?? 0;
  const high = bins[bins.length - 1]?.to ?? 1;
  const step = stepOf(high - low);
  return (
    <Group title={title} folded={folded && range.min === null && range.max === null}>
      <Histogram
        bins={bins}
        min={min}
        max={max}
        onRange={(from, to, done) => {
          setDragged(done ? null : { min: from, max: to });
          if (done) onChange({ min: from, max: to });
        }}
      />
      <div class="range">
        <NumberInput
          label={`${title}, from`}
          value={min}
          placeholder={short(low)}
          step={step}
          onChange={(from) => onChange({ min: from, max })}
        />
        <span class="muted">to</span>
        <NumberInput
          label={`${title}, to`}
          value={max}
          placeholder={short(high)}
          step={step}
          onChange={(to) => onChange({ min, max: to })}
        />
        {(min !== null || max !== null) && (
          <button
            type="button"
            class="link"
            aria-label={`Clear ${title}`}
            onClick={() => onChange({ min: null, max: null })}
          >
            Clear
          </button>
        )}
      </div>
    </Group>
  );
}

/** A step of about a twentieth of the range: 0.05, 0.5, 5 and so on. */
function stepOf(width: number): number | "any" {
  if (!(width > 0) || !Number.isFinite(width)) return "any";
  return (
    5 *
    10 **
      (Math.floor(Math.log10(width)) -
        1 -
        (width < 10 ** Math.floor(Math.log10(width)) * 2 ? 1 : 0))
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
