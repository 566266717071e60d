import { useState } from "preact/hooks";
import type { ExampleDetail, ExampleInput } from "../../state/board";
import { type Cell, scaleKind } from "../../state/compare";
import { display } from "../../state/display";
import { pictureAddress } from "../../state/examples";
import { atLayer, sharesValues } from "../../state/explain";
import { usePicture } from "../explain/ImagePanel";
import type { Spot } from "../explain/PictureCanvas";
import { CellStatus } from "./CellStatus";
import { ColumnsCell } from "./ColumnsCell";
import { ElementsCell } from "./ElementsCell";
import { arrayOf, limitOf, orderOf } from "./inputs";
import { PictureCell } from "./PictureCell";
import { TokensCell } from "./TokensCell";

interface InputRowProps {
  input: ExampleInput;
  detail: ExampleDetail;
  cells: readonly Cell[];
  /** The first input's row holds what is said of a column that has nothing to draw. */
  first: boolean;
}

const WIDEST = 512;

/** One input under each column. Pointing at a part of it marks that part in all of them. */
export function InputRow({ input, detail, cells, first }: InputRowProps) {
  const [spot, setSpot] = useState<Spot | null>(null);
  const picture = usePicture(
    input.media === null ? null : pictureAddress(detail.index, input.name, WIDEST),
  );
  const limits = cells.map((cell) => limitOf(cell, input, detail, display.value.clip));
  const most = Math.max(0, ...limits);
  const order = orderOf(cells, input, detail);
  return (
    <tr>
      <th scope="row" dir="auto">
        {input.name}
      </th>
      {cells.map((cell, place) => {
        if (!cell.shown) {
          return (
            first && (
              <td key={cell.id} rowSpan={detail.inputs.length}>
                <CellStatus cell={cell} />
              </td>
            )
          );
        }
        const array = arrayOf(cell, input, detail);
        const limit = scaleKind.value === "shared" ? most : (limits[place] ?? 0);
        const common = { input, array, limit, unsigned: cell.unsigned, title: cell.title };
        return (
          <td key={cell.id}>
            {array === null && atLayer(detail, cell.shown) ? (
              <p class="cell-status muted">Explained at a layer, not here.</p>
            ) : input.view.kind === "image" ? (
              <PictureCell
                {...common}
                picture={picture}
                shared={sharesValues(input.name, cell.shown)}
                spot={spot}
                onSpot={setSpot}
              />
            ) : input.view.kind === "text" ? (
              <TokensCell {...common} tokens={input.view.tokens} />
            ) : input.view.kind === "table" ? (
              <ColumnsCell
                {...common}
                columns={input.view.columns}
                order={order}
                shared={sharesValues(input.name, cell.shown)}
              />
            ) : (
              <ElementsCell {...common} />
            )}
            {first && cell.run?.state === "running" && <CellStatus cell={cell} />}
          </td>
        );
      })}
    </tr>
  );
}
