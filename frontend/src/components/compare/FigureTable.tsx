import { useState } from "preact/hooks";
import { names as joined, probability } from "../../lib/format";
import { figure } from "../../lib/scale";
import type { Board, ExampleDetail } from "../../state/board";
import { modelName } from "../../state/board";
import { type Cell, resetColumns, scaleKind } from "../../state/compare";
import { display } from "../../state/display";
import { classesOf } from "../../state/explain";
import { cancelMeasure, measureOf, startMeasure } from "../../state/measures";
import { Button } from "../Button";
import type { Spot } from "../explain/PictureCanvas";
import { Hint, Notice } from "../Notice";
import { Progress } from "../Progress";
import { CellStatus } from "./CellStatus";
import { CellTitle } from "./CellTitle";
import { InputCell } from "./InputCell";
import { inputOf, limitOf, orderOf } from "./inputs";
import { measurable, measureAll } from "./MeasureRows";

interface FigureTableProps {
  board: Board;
  cells: readonly Cell[];
  detail: ExampleDetail;
}

/** Examples as rows, as a paper's figure shows them: labels, predictions, figures and coloured inputs. */
export function FigureTable({ board, cells, detail }: FigureTableProps) {
  if (!cells.length) {
    return (
      <Hint>
        There is no example to show. Add one above.{" "}
        <Button onClick={resetColumns}>Show the first examples</Button>
      </Hint>
    );
  }
  const open = measurable(cells).some(
    ({ request }) => request && measureOf(request).value.state === "none",
  );
  const inputs = detail.inputs.map(({ name }) => name);
  const limits = inputs.map((name) => cells.map((cell) => limitOf(cell, name, display.value.clip)));
  return (
    <div class="compare-scroll">
      <table class="figure-table">
        <thead>
          <tr>
            <th scope="col">Example</th>
            <th scope="col">True label</th>
            <th scope="col">Predicted</th>
            <th scope="col">Attributed</th>
            <th scope="col">
              Infidelity ↓
              {open && (
                <Button onClick={() => measureAll(cells)} title="Measure every row (m)">
                  Measure all
                </Button>
              )}
            </th>
            <th scope="col">Max-sensitivity ↓</th>
            {inputs.map((name) => (
              <th key={name} scope="col" dir="auto">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map((cell, row) => (
            <Row
              key={cell.id}
              board={board}
              cell={cell}
              detail={detail}
              cells={cells}
              limits={limits.map((each) =>
                scaleKind.value === "shared" ? Math.max(0, ...each) : (each[row] ?? 0),
              )}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends FigureTableProps {
  cell: Cell;
  /** The value in full colour, for each input. */
  limits: readonly number[];
}

function Row({ board, cell, detail, cells, limits }: RowProps) {
  const [spot, setSpot] = useState<Spot | null>(null);
  const own = cell.detail;
  return (
    <tr>
      <th scope="row">
        <CellTitle cell={cell} class="num" />
      </th>
      <td dir="auto">{joined(own?.label_name ?? null) ?? <span class="muted">none</span>}</td>
      <td>{own && <Predicted board={board} detail={own} />}</td>
      <td dir="auto">{cell.run?.result?.meta.target?.name}</td>
      <Measures cell={cell} />
      {cell.shown && own ? (
        detail.inputs.map((input, place) => {
          const mine = inputOf(cell, input.name);
          return (
            <td key={input.name} class={`figure-${input.view.kind}`}>
              {mine && (
                <InputCell
                  cell={cell}
                  detail={own}
                  input={mine}
                  limit={limits[place] ?? 0}
                  order={orderOf(cells, input, detail)}
                  spot={spot}
                  onSpot={setSpot}
                />
              )}
              {place === 0 && cell.run?.state === "running" && <CellStatus cell={cell} />}
            </td>
          );
        })
      ) : (
        <td colSpan={detail.inputs.length}>
          <CellStatus cell={cell} />
        </td>
      )}
    </tr>
  );
}

function Predicted({ board, detail }: { board: Board; detail: ExampleDetail }) {
  const said = detail.predictions.find(({ model }) => model === modelName.value);
  const [first] = said?.scores ?? [];
  if (!said || !first) return <span class="muted">{said?.error ?? "none"}</span>;
  if (board.output.kind === "regression")
    return <span class="num">{figure(first.score ?? Number.NaN, 4)}</span>;
  const classes = classesOf(said.predicted);
  const name = classes.map((index) => board.output.names[index] ?? `class ${index}`).join(", ");
  const wanted = classesOf(detail.label);
  const right = wanted.length === classes.length && wanted.every((c) => classes.includes(c));
  const mark = detail.label === null ? "" : right ? "right" : "wrong";
  return (
    <>
      <b dir="auto" class={mark}>
        {name || "nothing"}
      </b>
      {classes.length === 1 && first.probability !== null && (
        <small class="num">{probability(first.probability)}</small>
      )}
      {mark === "wrong" && <small class="wrong">wrong</small>}
    </>
  );
}

function Measures({ cell }: { cell: Cell }) {
  const { request, run } = cell;
  const measure = request ? measureOf(request).value : null;
  if (!request || !measure || !run?.result) return <td colSpan={2} />;
  if (measure.measured) {
    const { infidelity, sensitivity_max } = measure.measured.metrics;
    return (
      <>
        <td class="num">{infidelity == null ? undefinedFor(measure) : figure(infidelity)}</td>
        <td class="num">
          {sensitivity_max == null ? undefinedFor(measure) : figure(sensitivity_max)}
        </td>
      </>
    );
  }
  return (
    <td colSpan={2}>
      {measure.state === "failed" && measure.error ? (
        <Notice error={measure.error} retry={() => startMeasure(request)} />
      ) : measure.state === "running" ? (
        <Progress
          label="Measuring"
          done={measure.progress?.done ?? 0}
          total={measure.progress?.total ?? 0}
          onCancel={() => cancelMeasure(request)}
        />
      ) : measure.state === "waiting" ? (
        <small>Waiting…</small>
      ) : (
        <Button onClick={() => startMeasure(request)} label={`Measure ${cell.title}`}>
          Measure
        </Button>
      )}
    </td>
  );
}

function undefinedFor({ measured }: { measured: { warnings: string[] } | null }) {
  return (
    <span class="muted" title={measured?.warnings.join(" ")}>
      not defined
    </span>
  );
}
