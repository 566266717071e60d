import { useMemo, useState } from "preact/hooks";
import { greys, strengths } from "../../canvas/matrix";
import { Spread } from "../../charts/Spread";
import { strongest } from "../../lib/attribution";
import {
  histogramOf,
  leading,
  type Matrix,
  matrixAt,
  parseSlice,
  type Slice,
  sliceFeatures,
} from "../../lib/matrix";
import { PALETTES } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import { figure, limitAt, signed } from "../../lib/scale";
import type { ExampleInput } from "../../state/board";
import { alongOf, cut, sliceText, sumAlong } from "../../state/display";
import { dark } from "../../state/theme";
import { Segmented } from "../Segmented";
import { Select } from "../Select";
import { FeatureRows } from "./FeatureRows";
import { Legend } from "./Legend";
import { type Cell, MatrixCanvas } from "./MatrixCanvas";
import { Panel } from "./Panel";

export type TensorView = Extract<ExampleInput["view"], { kind: "tensor" }>;

interface TensorPanelProps {
  input: ExampleInput;
  /** What tells it apart from another panel of the same input. */
  label: string;
  view: TensorView;
  array: NumericArray | null;
  unsigned: boolean;
  stale: boolean;
  /** Its part of the strength of all inputs. */
  share: number | null;
  /** An element carries the value of the whole feature it belongs to. */
  shared: boolean;
  /** The value in full colour on every input; null where each has its own. */
  limit: number | null;
}

const ROWS = 10;
/** Dimensions of more places are only summed. */
const CHOICES = 1000;

/** Numbers of any shape: slices of values and attributions side by side, and which slices count. */
export function TensorPanel(props: TensorPanelProps) {
  const { input, view, array, unsigned, stale, share, shared } = props;
  const { shape } = view;
  const chosen = sliceText(input.name);
  const slice = useMemo(() => parseSlice(chosen, shape), [chosen, shape]);
  const [spot, setSpot] = useState<Cell | null>(null);
  const values = useMemo(() => valuesOf(view, slice), [view, slice]);
  const found = useMemo(
    () => (array ? matrixAt(array, slice, shared) : null),
    [array, slice, shared],
  );
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const limit = props.limit ?? (found ? limitAt(found.values, 100) : 0);
  const greyed = useMemo(
    () => greys(palette, view.least ?? 0, view.most ?? 0),
    [palette, view.least, view.most],
  );
  const shade = useMemo(() => strengths(palette, limit, unsigned), [palette, limit, unsigned]);
  return (
    <Panel
      share={share}
      title={input.name}
      label={props.label}
      note={shape.join(" × ")}
      stale={stale}
      tools={<Slices {...{ shape, slice }} onChange={(next) => cut(input.name, next)} />}
    >
      <p class="panel-note num">{summaryOf(view)}</p>
      <div class="tensor-pair">
        {values && (
          <figure>
            <figcaption class="muted">values{together(shape, slice, "mean")}</figcaption>
            <MatrixCanvas
              label={`Values of ${props.label}; arrow keys read values`}
              matrix={values}
              shade={greyed}
              {...{ spot, onSpot: setSpot }}
            />
          </figure>
        )}
        {found && (
          <figure>
            <figcaption class="muted">
              attributions{together(shape, slice, shared ? "mean" : "sum")}
            </figcaption>
            <MatrixCanvas
              label={`Attributions of ${props.label}; arrow keys read values`}
              matrix={found}
              shade={shade}
              {...{ spot, onSpot: setSpot }}
            />
          </figure>
        )}
      </div>
      <Reading {...{ shape, slice, spot, values, found }} />
      {found && (
        <div class="panel-foot">
          <Legend
            palette={palette}
            limit={limit}
            sign={unsigned ? "absolute" : "both"}
            strengths="violet"
          />
        </div>
      )}
      {array && <Parts {...{ input, array, unsigned, shared }} />}
    </Panel>
  );
}

/** A place in each dimension before the last two. */
function Slices(props: {
  shape: readonly number[];
  slice: Slice;
  onChange: (slice: Slice) => void;
}) {
  const { shape, slice, onChange } = props;
  return (
    <>
      {leading(shape).map((size, dimension) =>
        size === 1 || size > CHOICES ? null : (
          <Select
            key={dimension}
            label={`Place in dimension ${dimension}`}
            value={String(slice[dimension] ?? "")}
            options={[
              { id: "", title: `dim ${dimension}: all` },
              ...Array.from({ length: size }, (_, i) => ({
                id: String(i),
                title: `dim ${dimension}: ${i}`,
              })),
            ]}
            onChange={(id) =>
              onChange(
                leading(shape).map((_, d) =>
                  d !== dimension ? (slice[d] ?? null) : id === "" ? null : Number(id),
                ),
              )
            }
          />
        ),
      )}
    </>
  );
}

interface ReadingProps {
  shape: readonly number[];
  slice: Slice;
  spot: Cell | null;
  values: Matrix | null;
  found: Matrix | null;
}

function Reading({ shape, slice, spot, values, found }: ReadingProps) {
  if (!spot) return <p class="readout muted">Point at a cell to read its values</p>;
  const outer = leading(shape).map((size, d) => slice[d] ?? (size === 1 ? 0 : "…"));
  const place = [...outer, ...(shape.length > 1 ? [spot.row] : []), spot.column];
  const at = (matrix: Matrix | null) => matrix?.values[spot.row * matrix.columns + spot.column];
  const [value, attribution] = [at(values), at(found)];
  return (
    <p class="readout num">
      <span>[{place.join(", ")}]</span>
      {value !== undefined && <span class="muted">{figure(value)}</span>}
      {attribution !== undefined && <b>{signed(attribution)}</b>}
    </p>
  );
}

interface PartsProps {
  input: ExampleInput;
  array: NumericArray;
  unsigned: boolean;
  shared: boolean;
}

/** The strongest slices along a dimension, and how the attributions are spread. */
function Parts({ input, array, unsigned, shared }: PartsProps) {
  const sides = array.shape.flatMap((size, d) => (size > 1 ? [d] : []));
  const chosen = alongOf(input.name);
  const dimension = sides.includes(chosen) ? chosen : (sides[0] ?? 0);
  const counts = useMemo(() => histogramOf(array.data), [array]);
  const slices = useMemo(
    () => strongest(sliceFeatures(input.name, array, dimension, shared), ROWS),
    [array, input.name, dimension, shared],
  );
  return (
    <>
      {counts.length > 0 && (
        <section class="tensor-part" aria-label="Spread of the attributions">
          <h3>How often each attribution occurs</h3>
          <Spread label="Attributions" {...{ counts, unsigned }} />
        </section>
      )}
      {array.shape.length > 1 && sides.length > 0 && (
        <section class="tensor-part" aria-label="Slices">
          <h3>
            {shared ? "Slices, by their mean" : "Slices, summed"}
            <span class="grow" />
            {sides.length > 1 && (
              <Segmented
                label="Along which dimension"
                value={String(dimension)}
                options={sides.map((d) => ({ id: String(d), title: `dim ${d}` }))}
                onChange={(id) => sumAlong(input.name, Number(id))}
              />
            )}
          </h3>
          <FeatureRows features={slices} named={false} unsigned={unsigned} />
        </section>
      )}
    </>
  );
}

function valuesOf(view: TensorView, slice: Slice): Matrix | null {
  if (!view.values) return null;
  const data = Float64Array.from(view.values, (value) => value ?? Number.NaN);
  return matrixAt({ shape: view.shape, data }, slice, true);
}

/** ", mean over the first dimensions" where a slice takes several places together. */
function together(shape: readonly number[], slice: Slice, how: "mean" | "sum"): string {
  const open = leading(shape).flatMap((size, d) => (size > 1 && slice[d] == null ? [d] : []));
  return open.length ? `, ${how} over dim ${open.join(", ")}` : "";
}

function summaryOf({ least, most, mean, missing, values }: TensorView): string {
  const range =
    least === null || most === null || mean === null
      ? "No finite number."
      : `From ${figure(least)} to ${figure(most)}, mean ${figure(mean)}.`;
  const gaps = missing ? ` ${missing} not finite.` : "";
  return range + gaps + (values ? "" : " Too many numbers to draw; their attributions are below.");
}
