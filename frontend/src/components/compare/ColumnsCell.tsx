import { useMemo } from "preact/hooks";
import { columnFeatures } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import { among } from "../../lib/scale";
import { partsOf } from "../../lib/table";
import type { ExampleInput } from "../../state/board";
import { point, pointedFeature } from "../../state/display";
import { SignedBar } from "../explain/SignedBar";

type TableView = Extract<ExampleInput["view"], { kind: "table" }>;

interface ColumnsCellProps {
  input: ExampleInput;
  array: NumericArray | null;
  limit: number;
  unsigned: boolean;
  columns: TableView["columns"];
  /** The columns' places in the order all cells of the row share. */
  order: readonly number[];
  shared: boolean;
}

/** A table's columns with their attributions, in one order for all that is compared. */
export function ColumnsCell(props: ColumnsCellProps) {
  const { input, array, limit, unsigned, columns, order, shared } = props;
  const features = useMemo(
    () => (array ? columnFeatures(input.name, partsOf(columns), array, shared) : []),
    [array, input.name, columns, shared],
  );
  const pointed = pointedFeature.value;
  const on = pointed?.input === input.name ? pointed.id : null;
  return (
    <ul class="cell-columns num" onPointerLeave={() => point(null)}>
      {order.map((place) => {
        const feature = features[place];
        return (
          feature && (
            <li
              key={place}
              class={feature.id === on ? "on" : ""}
              title={`${feature.label}: ${feature.note}`}
              onPointerEnter={() => point({ input: input.name, id: feature.id })}
            >
              <span class="ellipsis">{feature.label}</span>
              <SignedBar
                value={feature.value}
                most={limit}
                centred={!unsigned}
                unsigned={unsigned}
              />
              <span class="value">{among(feature.value, limit)}</span>
            </li>
          )
        );
      })}
    </ul>
  );
}
