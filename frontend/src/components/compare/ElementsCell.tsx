import { useMemo } from "preact/hooks";
import { elementFeatures, strongest } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import { among } from "../../lib/scale";
import type { ExampleInput } from "../../state/board";
import { SignedBar } from "../explain/SignedBar";

interface ElementsCellProps {
  input: ExampleInput;
  array: NumericArray | null;
  limit: number;
  unsigned: boolean;
}

const ROWS = 6;

/** An input that this page cannot draw: its strongest elements by their place. */
export function ElementsCell({ input, array, limit, unsigned }: ElementsCellProps) {
  const rows = useMemo(
    () => (array ? strongest(elementFeatures(input.name, array), ROWS) : []),
    [array, input.name],
  );
  if (!rows.length) return <p class="cell-status muted">Every attribution is zero.</p>;
  return (
    <ul class="cell-elements num">
      {rows.map(({ id, label, value }) => (
        <li key={id}>
          <span>{label}</span>
          <SignedBar value={value} most={limit} centred={!unsigned} unsigned={unsigned} />
          <span class="value">{among(value, limit)}</span>
        </li>
      ))}
    </ul>
  );
}
