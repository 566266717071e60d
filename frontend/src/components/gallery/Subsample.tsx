import { useState } from "preact/hooks";
import { filter } from "../../state/examples";
import { DEFAULT_SAMPLE } from "../../state/filter";
import { navigate } from "../../state/url";
import { Button } from "../Button";
import { NumberInput } from "../Field";

/** A few of the matching examples, drawn by a seed: the same ones whatever else changes. */
export function Subsample({ classes }: { classes: boolean }) {
  const { sample, draw, stratified } = filter.value;
  const [size, setSize] = useState(sample ?? DEFAULT_SAMPLE);
  const [seed, setSeed] = useState(draw);
  const apply = (count: number, number: number) => {
    setSize(count);
    setSeed(number);
    navigate({ sample: count, draw: number });
  };
  return (
    <section class="facet-group" aria-label="Subsample">
      <h3>Subsample</h3>
      <div class="subsample">
        <label>
          <span class="muted">count</span>
          <NumberInput
            value={sample ?? size}
            min={1}
            step={1}
            onChange={(value) => {
              const count = Math.max(1, Math.round(value ?? DEFAULT_SAMPLE));
              if (sample === null) setSize(count);
              else apply(count, seed);
            }}
          />
        </label>
        <label>
          <span class="muted">seed</span>
          <NumberInput
            value={sample === null ? seed : draw}
            min={0}
            step={1}
            onChange={(value) => {
              const number = Math.max(0, Math.round(value ?? 0));
              if (sample === null) setSeed(number);
              else apply(size, number);
            }}
          />
        </label>
        <Button
          onClick={() => (sample === null ? apply(size, seed) : apply(sample, draw + 1))}
          title={
            sample === null
              ? "Keep this many of the matching examples"
              : "Draw others: the next seed"
          }
        >
          {sample === null ? "Draw" : "Draw again"}
        </Button>
      </div>
      {classes && (
        <label class="check" title="As many of each class as there are, so that rare ones show">
          <input
            type="checkbox"
            checked={stratified}
            onChange={(event) =>
              navigate({
                strata: event.currentTarget.checked ? 1 : null,
                ...(event.currentTarget.checked && sample === null && { sample: size, draw: seed }),
              })
            }
          />
          as many of each label
        </label>
      )}
      {sample !== null && (
        <button
          type="button"
          class="link"
          onClick={() => navigate({ sample: null, draw: null, strata: null })}
        >
          Show all that match
        </button>
      )}
    </section>
  );
}
