import { useState } from "preact/hooks";
import { Histogram } from "../../charts/Histogram";
import type { Bin } from "../../lib/bins";
import { filter } from "../../state/examples";
import { navigate } from "../../state/url";
import { NumberInput } from "../Field";

interface Range {
  min: number | null;
  max: number | null;
}

/** The model's confidence: drag over the bars, or type the ends. */
export function ScoreFacet({ bins, title }: { bins: readonly Bin[]; title: string }) {
  const { minScore, maxScore } = filter.value;
  const [dragged, setDragged] = useState<Range | null>(null);
  const { min, max } = dragged ?? { min: minScore, max: maxScore };
  const set = (range: Range) => navigate({ min_score: range.min, max_score: range.max });
  const low = bins[0]?.from ?? 0;
  const high = bins[bins.length - 1]?.to ?? 1;
  return (
    <section class="facet-group" aria-label={title}>
      <h3>{title}</h3>
      <Histogram
        bins={bins}
        min={min}
        max={max}
        onRange={(from, to, done) => {
          setDragged(done ? null : { min: from, max: to });
          if (done) set({ min: from, max: to });
        }}
      />
      <div class="range">
        <NumberInput
          label={`${title}, from`}
          value={min}
          placeholder={String(low)}
          step={0.05}
          onChange={(from) => set({ min: from, max })}
        />
        <span class="muted">to</span>
        <NumberInput
          label={`${title}, to`}
          value={max}
          placeholder={String(high)}
          step={0.05}
          onChange={(to) => set({ min, max: to })}
        />
        {(min !== null || max !== null) && (
          <button type="button" class="link" onClick={() => set({ min: null, max: null })}>
            Clear
          </button>
        )}
      </div>
    </section>
  );
}
