import { useState } from "preact/hooks";
import type { ExampleDetail, ExampleInput } from "../../state/board";
import { type Clip, frameOf } from "../../state/clips";
import { type Cell, scaleKind } from "../../state/compare";
import { display } from "../../state/display";
import { ClipControls } from "../explain/ClipControls";
import type { Spot } from "../explain/PictureCanvas";
import { useClip } from "../explain/useClip";
import { CellStatus } from "./CellStatus";
import { InputCell } from "./InputCell";
import { inputOf, limitOf, orderOf, restFrame } from "./inputs";

interface InputRowProps {
  /** As the example in the address has it; columns of other examples have their own. */
  input: ExampleInput;
  detail: ExampleDetail;
  cells: readonly Cell[];
  /** The first input's row holds what is said of a column that has nothing to draw. */
  first: boolean;
}

/** One input under each column. Pointing at a part of it marks that part in all of them. */
export function InputRow({ input, detail, cells, first }: InputRowProps) {
  const [spot, setSpot] = useState<Spot | null>(null);
  const limits = cells.map((cell) => limitOf(cell, input.name, display.value.clip));
  const most = Math.max(0, ...limits);
  const clip = clipOf(input, cells);
  useClip(clip);
  const order = orderOf(cells, input, detail);
  return (
    <tr>
      <th scope="row" dir="auto">
        {input.name}
        {clip && <ClipControls clip={clip} short />}
      </th>
      {cells.map((cell, place) => {
        const own = inputOf(cell, input.name);
        if (!cell.shown || !cell.detail || !own) {
          return (
            first && (
              <td key={cell.id} rowSpan={detail.inputs.length}>
                <CellStatus cell={cell} />
              </td>
            )
          );
        }
        return (
          <td key={cell.id}>
            <InputCell
              cell={cell}
              detail={cell.detail}
              input={own}
              limit={scaleKind.value === "shared" ? most : (limits[place] ?? 0)}
              order={order}
              frame={clip ? frameOf(clip) : null}
              spot={spot}
              onSpot={setSpot}
            />
            {first && cell.run?.state === "running" && <CellStatus cell={cell} />}
          </td>
        );
      })}
    </tr>
  );
}

/** A clip, whose columns show one frame: the one that counts most over all of them, until one is chosen. */
function clipOf({ name, view }: ExampleInput, cells: readonly Cell[]): Clip | null {
  if (view.kind !== "video") return null;
  return { frames: view.frames, rate: view.rate, rest: restFrame(cells, name) };
}
