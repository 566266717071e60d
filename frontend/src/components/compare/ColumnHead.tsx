import type { Cell } from "../../state/compare";
import { CellTitle } from "./CellTitle";

/** The head of a column: its name, and what is to be known of it. */
export function ColumnHead({ cell }: { cell: Cell }) {
  return (
    <th scope="col">
      <CellTitle cell={cell} />
      {cell.note && <span class="column-note">{cell.note}</span>}
    </th>
  );
}
