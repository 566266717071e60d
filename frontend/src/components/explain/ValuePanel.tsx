import { useMemo } from "preact/hooks";
import { elementFeatures, strongest } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import type { ExampleInput } from "../../state/board";
import { FeatureRows } from "./FeatureRows";
import { Panel } from "./Panel";

const ROWS = 20;

interface ValuePanelProps {
  input: ExampleInput;
  array: NumericArray | null;
  unsigned: boolean;
  stale: boolean;
}

/** An input that this page cannot draw: its strongest elements by their place. */
export function ValuePanel({ input, array, unsigned, stale }: ValuePanelProps) {
  const all = useMemo(() => (array ? elementFeatures(input.name, array) : []), [array, input.name]);
  const note = array ? array.shape.join(" × ") : "";
  const rows = strongest(all, ROWS);
  return (
    <Panel title={input.name} note={note} stale={stale}>
      <FeatureRows features={rows} named={false} unsigned={unsigned} />
      <p class="panel-note">
        {all.length > rows.length
          ? `The ${rows.length} strongest of ${all.length} elements, by their place in the tensor.`
          : "Elements by their place in the tensor."}
      </p>
    </Panel>
  );
}
