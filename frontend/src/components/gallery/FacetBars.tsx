import { useState } from "preact/hooks";
import { integer } from "../../lib/format";
import { Group } from "./Group";

const SHORT = 14;
const LONG = 200;
/** Names longer than this, in characters, are given more room. */
const WIDE = 12;

export type BarValue = string | number | boolean | null;

export interface Bar {
  value: BarValue;
  name: string;
  count: number;
}

interface FacetBarsProps {
  title: string;
  values: readonly Bar[];
  chosen: readonly BarValue[];
  onToggle: (value: BarValue) => void;
  /** Starts with its values out of sight. */
  folded?: boolean;
}

/** The values of a column as counted bars; each is a switch. Long lists fold, with a search of their own. */
export function FacetBars({ title, values, chosen, onToggle, folded = false }: FacetBarsProps) {
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const isChosen = (value: Bar) => chosen.includes(value.value);
  const many = values.length > SHORT;
  const shown = open
    ? values.filter((v) => v.name.toLowerCase().includes(search.toLowerCase())).slice(0, LONG)
    : foremost(values, isChosen);
  const wide = shown.some((value) => value.name.length > WIDE);
  const highest = Math.max(1, ...values.map((value) => value.count));
  return (
    <Group title={title} folded={folded && chosen.length === 0}>
      {open && (
        <input
          class="input"
          type="search"
          placeholder={`Find one of ${integer(values.length)}`}
          aria-label={`Find in ${title}`}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <ul class="facet-list" data-open={open} data-wide={wide}>
        {shown.map((value) => (
          <li key={String(value.value)}>
            <button
              type="button"
              class="facet"
              aria-pressed={isChosen(value)}
              onClick={() => onToggle(value.value)}
            >
              <span class="facet-name" title={value.name}>
                {value.name}
              </span>
              <span class="facet-track">
                <span style={{ width: `${(100 * value.count) / highest}%` }} />
              </span>
              <span class="num facet-count">{integer(value.count)}</span>
            </button>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p class="muted">None.</p>}
      {many && (
        <button type="button" class="link" onClick={() => setOpen(!open)}>
          {open ? "Show fewer" : `Show all ${integer(values.length)}`}
        </button>
      )}
    </Group>
  );
}

/** The chosen ones and the most frequent, in the order they came. */
function foremost(values: readonly Bar[], isChosen: (value: Bar) => boolean) {
  if (values.length <= SHORT) return values;
  const ranked = [...values].sort((a, b) => b.count - a.count);
  const kept = new Set([...values.filter(isChosen), ...ranked.slice(0, SHORT - 2)]);
  return values.filter((value) => kept.has(value));
}
