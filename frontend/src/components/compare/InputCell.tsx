import type { ExampleDetail, ExampleInput } from "../../state/board";
import type { Cell } from "../../state/compare";
import { pictureAddress } from "../../state/examples";
import { atLayer, sharesValues } from "../../state/explain";
import { usePicture } from "../explain/ImagePanel";
import type { Spot } from "../explain/PictureCanvas";
import { featuresOf } from "../explain/StrongestFeatures";
import { ColumnsCell } from "./ColumnsCell";
import { ElementsCell } from "./ElementsCell";
import { GraphCell } from "./GraphCell";
import { arrayOf, volumeIn } from "./inputs";
import { PictureCell } from "./PictureCell";
import { SeriesCell } from "./SeriesCell";
import { TensorCell } from "./TensorCell";
import { TokensCell } from "./TokensCell";
import { VideoCell } from "./VideoCell";

interface InputCellProps {
  cell: Cell;
  /** The example of this column. */
  detail: ExampleDetail;
  input: ExampleInput;
  /** The value in full colour. */
  limit: number;
  /** A table's columns, in the order all cells of the row share. */
  order: readonly number[];
  /** The frame of a clip; null for its own strongest. */
  frame?: number | null;
  /** Under the pointer in any of the columns. */
  spot: Spot | null;
  onSpot: (spot: Spot | null) => void;
}

const WIDEST = 512;

/** One input of one column with its attributions. */
export function InputCell(props: InputCellProps) {
  const { cell, detail, input, limit, order, spot, onSpot } = props;
  const picture = usePicture(
    input.media === null || input.view.kind !== "image"
      ? null
      : pictureAddress(detail.index, input.name, WIDEST),
  );
  const array = arrayOf(cell, input, detail);
  const common = { input, array, limit, unsigned: cell.unsigned, title: cell.title };
  const shared = sharesValues(input.name, cell.shown);
  if (array === null && atLayer(detail, cell.shown))
    return <p class="cell-status muted">Explained at a layer, not here.</p>;
  if (input.view.kind === "image")
    return (
      <PictureCell {...common} picture={picture} shared={shared} spot={spot} onSpot={onSpot} />
    );
  if (input.view.kind === "video") {
    return (
      <VideoCell
        {...common}
        view={input.view}
        volume={volumeIn(cell, input.name)}
        frame={props.frame ?? null}
        shared={shared}
        example={detail.index}
        spot={spot}
        onSpot={onSpot}
      />
    );
  }
  if (input.view.kind === "text") return <TokensCell {...common} tokens={input.view.tokens} />;
  if (input.view.kind === "table")
    return <ColumnsCell {...common} columns={input.view.columns} order={order} shared={shared} />;
  if (input.view.kind === "series")
    return <SeriesCell {...common} view={input.view} shared={shared} />;
  if (input.view.kind === "tensor") return <TensorCell {...common} shared={shared} />;
  if (input.view.kind === "graph")
    return <GraphCell {...common} view={input.view} detail={detail} shared={shared} />;
  const features = cell.shown ? featuresOf(input, cell.shown, detail) : null;
  return <ElementsCell {...common} features={features} />;
}
