import type { ExampleDetail } from "../../state/board";
import { type Cell, resetColumns } from "../../state/compare";
import { Button } from "../Button";
import { Hint } from "../Notice";
import { ColumnHead } from "./ColumnHead";
import { InputRow } from "./InputRow";
import { MeasureRows } from "./MeasureRows";
import { ResultRows } from "./ResultRows";

interface CompareTableProps {
  cells: readonly Cell[];
  detail: ExampleDetail;
}

/** Widths in CSS pixels: of the rows' names, and the least of a column. */
const NAMES = 124;
const COLUMN = 158;

/** The example under each column, with what can be said of each in numbers. */
export function CompareTable({ cells, detail }: CompareTableProps) {
  if (!cells.length) {
    return (
      <Hint>
        There is no column to compare. Add one above.{" "}
        <Button onClick={resetColumns}>Show the first columns</Button>
      </Hint>
    );
  }
  return (
    <div class="compare-scroll">
      <table class="compare-table" style={{ minWidth: `${NAMES + COLUMN * cells.length}px` }}>
        <colgroup>
          <col style={{ width: `${NAMES}px` }} />
          {cells.map(({ id }) => (
            <col key={id} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <td />
            {cells.map((cell) => (
              <ColumnHead key={cell.id} cell={cell} />
            ))}
          </tr>
        </thead>
        <tbody>
          {detail.inputs.map((input, i) => (
            <InputRow
              key={input.name}
              input={input}
              detail={detail}
              cells={cells}
              first={i === 0}
            />
          ))}
        </tbody>
        <tbody>
          <ResultRows cells={cells} detail={detail} />
        </tbody>
        <tbody>
          <MeasureRows cells={cells} />
        </tbody>
      </table>
    </div>
  );
}
