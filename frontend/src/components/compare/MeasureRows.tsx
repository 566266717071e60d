import type { ComponentChildren } from "preact";
import { integer } from "../../lib/format";
import { figure, figureFixed, seconds } from "../../lib/scale";
import { type Cell, kind } from "../../state/compare";
import {
  type Curve,
  cancelMeasure,
  type Measure,
  type Measured,
  measureOf,
  startMeasure,
} from "../../state/measures";
import { Button } from "../Button";
import { Notice } from "../Notice";
import { Progress } from "../Progress";
import { type Figure, FigureRow } from "./FigureRow";

const UNKNOWN: Figure = { value: null, text: "" };

/** Columns that can be measured now. */
export function measurable(cells: readonly Cell[]): Cell[] {
  return cells.filter(({ run, request }) => run?.result && request && !request.layer);
}

export function measureAll(cells: readonly Cell[]): void {
  for (const { request } of measurable(cells)) if (request) startMeasure(request);
}

/** How faithful each column is, measured when the person asks for it. */
export function MeasureRows({ cells }: { cells: readonly Cell[] }) {
  const measures = cells.map(({ request }) => (request ? measureOf(request).value : null));
  const open = measurable(cells).some(
    ({ request }) => request && measureOf(request).value.state === "none",
  );
  const figures = (of: (measured: Measured) => Figure) =>
    measures.map((measure) => (measure?.measured ? of(measure.measured) : UNKNOWN));
  const word = kind.value === "methods" ? "best" : undefined;
  const scale = measures.find((measure) => measure?.measured)?.measured?.scale ?? "probability";
  const by = `the target's ${scale}`;
  return (
    <>
      <tr class="measure-row">
        <th scope="row">
          Faithfulness
          {open && (
            <Button onClick={() => measureAll(cells)} title="Measure every column (m)">
              Measure all
            </Button>
          )}
        </th>
        {cells.map((cell, place) => (
          <td key={cell.id}>
            <MeasureCell cell={cell} measure={measures[place] ?? null} />
          </td>
        ))}
      </tr>
      {measures.some((measure) => measure?.measured) && (
        <>
          <FigureRow
            title="Infidelity"
            help="How far the attributions mispredict what the score does when parts of the inputs change, after the one factor that fits best (Yeh et al. 2019)."
            better="lower"
            word={word}
            cells={cells}
            figures={figures((measured) => plain(measured, measured.metrics.infidelity))}
          />
          <FigureRow
            title="Max-sensitivity"
            help="How far the attributions move when the inputs hardly do, relative to their size (Yeh et al. 2019)."
            better="lower"
            word={word}
            cells={cells}
            figures={figures((measured) => plain(measured, measured.metrics.sensitivity_max))}
          />
          <FigureRow
            title="Deletion AUC"
            help={`The area under ${by} as features go, strongest first. Below the random order where the method found what counts.`}
            better="lower"
            word={word}
            cells={cells}
            figures={figures((measured) => area(measured, measured.metrics.deletion, -1))}
          />
          <FigureRow
            title="Insertion AUC"
            help={`The area under ${by} as features come, strongest first. Above the random order where the method found what counts.`}
            better="higher"
            word={word}
            cells={cells}
            figures={figures((measured) => area(measured, measured.metrics.insertion, 1))}
          />
        </>
      )}
    </>
  );
}

function MeasureCell({ cell, measure }: { cell: Cell; measure: Measure | null }) {
  const { request, run } = cell;
  if (request?.layer) return <small>Measured for attributions of inputs, not of layers.</small>;
  if (!request || !measure || (!run?.result && measure.state === "none")) return null;
  const again = () => startMeasure(request);
  switch (measure.state) {
    case "done":
      return <Cost measured={measure.measured} />;
    case "failed":
      return measure.error && <Notice error={measure.error} retry={again} />;
    case "waiting":
      return <small>Waiting…</small>;
    case "running":
      return (
        <Progress
          label="Measuring"
          done={measure.progress?.done ?? 0}
          total={measure.progress?.total ?? 0}
          onCancel={() => cancelMeasure(request)}
        />
      );
    default:
      return (
        <Button onClick={again} label={`Measure ${cell.title}`}>
          Measure
        </Button>
      );
  }
}

function Cost({ measured }: { measured: Measured | null }) {
  if (!measured) return null;
  return (
    <small class="num">
      {integer(measured.passes)} passes · {seconds(measured.seconds)}
    </small>
  );
}

function plain(measured: Measured, value: number | null | undefined): Figure {
  if (value == null) return { value: null, text: undefinedFor(measured) };
  return { value, text: figure(value) };
}

/** `side`: 1 where a faithful method lies above the random order, -1 where below. */
function area(measured: Measured, curve: Curve | null | undefined, side: 1 | -1): Figure {
  if (curve?.auc == null) return { value: null, text: undefinedFor(measured) };
  const { auc, control } = curve;
  if (control === null) return { value: auc, text: figureFixed(auc, 3) };
  const beats = side * (auc - control) > 0;
  const note = `${beats ? "beats" : "no better than"} random, ${figureFixed(control, 3)}`;
  return { value: auc, text: figureFixed(auc, 3), note };
}

function undefinedFor({ warnings }: Measured): ComponentChildren {
  return (
    <details class="not-defined">
      <summary>not defined</summary>
      {warnings.join(" ")}
    </details>
  );
}
