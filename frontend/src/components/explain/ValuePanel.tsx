import { useMemo } from "preact/hooks";
import { elementFeatures, strongest } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import type { ExampleInput } from "../../state/board";
import { FeatureRows } from "./FeatureRows";
import { Panel } from "./Panel";

const ROWS = 20;

interface ValuePanelProps {
  input: ExampleInput;
  /** What tells it apart from another panel of the same input. */
  label: string;
  array: NumericArray | null;
  unsigned: boolean;
  stale: boolean;
  /** Its part of the strength of all inputs; each input is drawn in its own scale. */
  share: number | null;
}

/** An input that this page cannot draw: its strongest elements by their place. */
export function ValuePanel({ input, label, array, unsigned, stale, share }: ValuePanelProps) {
  const all = useMemo(() => (array ? elementFeatures(input.name, array) : []), [array, input.name]);
  const note = array ? array.shape.join(" × ") : "";
  const rows = strongest(all, ROWS);
  return (
    <Panel share={share} title={input.name} label={label} note={note} stale={stale}>
      <FeatureRows features={rows} named={false} unsigned={unsigned} />
      <p class="panel-note">
        {all.length > rows.length
          ? `The ${rows.length} strongest of ${all.length} elements, by their place in the tensor.`
          : "Elements by their place in the tensor."}
      </p>
    </Panel>
  );
}
