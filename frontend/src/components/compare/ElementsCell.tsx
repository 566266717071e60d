import { useMemo } from "preact/hooks";
import { elementFeatures, type Feature, strongest } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import { among } from "../../lib/scale";
import type { ExampleInput } from "../../state/board";
import { SignedBar } from "../explain/SignedBar";

interface ElementsCellProps {
  input: ExampleInput;
  array: NumericArray | null;
  limit: number;
  unsigned: boolean;
  /** What the array's numbers belong to, where that has names. */
  features?: readonly Feature[] | null;
}

const ROWS = 6;

/** The strongest elements of an input, by their names or their place. */
export function ElementsCell({
  input,
  array,
  limit,
  unsigned,
  features = null,
}: ElementsCellProps) {
  const rows = useMemo(
    () => (array ? strongest(features ?? elementFeatures(input.name, array), ROWS) : []),
    [array, input.name, features],
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
