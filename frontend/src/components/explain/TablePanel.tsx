import { useMemo, useState } from "preact/hooks";
import { columnFeatures, type Feature } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import { among } from "../../lib/scale";
import { partsOf, written } from "../../lib/table";
import type { ExampleInput } from "../../state/board";
import { point, pointedFeature } from "../../state/display";
import { Segmented } from "../Segmented";
import { Panel } from "./Panel";
import { SignedBar } from "./SignedBar";

type TableView = Extract<ExampleInput["view"], { kind: "table" }>;
type Column = TableView["columns"][number];
type Order = "strength" | "table";

interface TablePanelProps {
  input: ExampleInput;
  /** What tells it apart from another panel of the same input. */
  label: string;
  view: TableView;
  array: NumericArray | null;
  unsigned: boolean;
  stale: boolean;
  /** Its part of the strength of all inputs; each input is drawn in its own scale. */
  share: number | null;
  /** A column's numbers each carry the value of the whole column. */
  shared: boolean;
}

/** The row's columns, each with its value, what is usual for it, and its attribution as a bar. */
export function TablePanel({
  input,
  label,
  view,
  array,
  unsigned,
  stale,
  share,
  shared,
}: TablePanelProps) {
  const [order, setOrder] = useState<Order>("strength");
  const features = useMemo(
    () => (array ? columnFeatures(input.name, partsOf(view.columns), array, shared) : null),
    [array, input.name, view, shared],
  );
  const rows = useMemo(() => sorted(view.columns, features, order), [view, features, order]);
  const most = Math.max(0, ...(features ?? []).map(({ value }) => Math.abs(value)));
  const both = !unsigned && (features ?? []).some(({ value }) => value < 0);
  const usual = view.columns.some((column) => column.usual !== null);
  return (
    <Panel
      share={share}
      title={input.name}
      label={label}
      note={`${view.columns.length} ${view.columns.length === 1 ? "column" : "columns"}`}
      stale={stale}
      tools={
        features &&
        view.columns.length > 1 && (
          <Segmented<Order>
            label="Order of the columns"
            value={order}
            options={[
              { id: "strength", title: "Strongest", help: "The strongest column first" },
              { id: "table", title: "Table", help: "In the order of the table" },
            ]}
            onChange={setOrder}
          />
        )
      }
    >
      <div class="columns-room">
        <table class="columns" onPointerLeave={() => point(null)}>
          <thead>
            <tr>
              <th scope="col">column</th>
              <th scope="col" class="of-value">
                value
              </th>
              {usual && (
                <th
                  scope="col"
                  class="of-value of-usual"
                  title="The median, or the most frequent category"
                >
                  usual
                </th>
              )}
              {features && (
                <th scope="col" colSpan={2}>
                  {unsigned ? "strength" : both ? "against, for" : "for"}
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ column, feature }) => (
              <Row
                key={column.name}
                input={input.name}
                column={column}
                feature={feature}
                most={most}
                centred={both}
                unsigned={unsigned}
                usual={usual}
              />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

/** Each column with its attribution, in the order chosen. */
function sorted(columns: readonly Column[], features: readonly Feature[] | null, order: Order) {
  const rows = columns.map((column, place) => ({ column, feature: features?.[place] ?? null }));
  if (order === "table") return rows;
  return rows.sort((a, b) => Math.abs(b.feature?.value ?? 0) - Math.abs(a.feature?.value ?? 0));
}

interface RowProps {
  input: string;
  column: Column;
  feature: Feature | null;
  most: number;
  centred: boolean;
  unsigned: boolean;
  usual: boolean;
}

function Row({ input, column, feature, most, centred, unsigned, usual }: RowProps) {
  const { name, unit, value } = column;
  const on = pointedFeature.value?.input === input && pointedFeature.value.id === name;
  return (
    <tr class={on ? "on" : ""} onPointerEnter={() => point({ input, id: name })}>
      <th scope="row" title={name}>
        <bdi>{name}</bdi>
      </th>
      <td class="of-value num">
        <bdi>{written(value)}</bdi>
        {unit && value !== null && <span class="muted"> {unit}</span>}
      </td>
      {usual && (
        <td class="of-value of-usual num muted">
          <bdi>{column.usual === null ? "" : written(column.usual)}</bdi>
        </td>
      )}
      {feature && (
        <>
          <td class="of-bar">
            <SignedBar value={feature.value} most={most} centred={centred} unsigned={unsigned} />
          </td>
          <td class="num value">
            {feature.value > 0 && !unsigned && "+"}
            {among(feature.value, most)}
          </td>
        </>
      )}
    </tr>
  );
}
