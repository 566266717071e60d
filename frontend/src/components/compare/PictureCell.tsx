import { useCallback, useMemo } from "preact/hooks";
import { drawOverlay } from "../../canvas/draw";
import type { Picture } from "../../canvas/picture";
import { mapOf, parseRegion, regionAt, regionId } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import type { Zoom } from "../../lib/zoom";
import type { ExampleInput } from "../../state/board";
import { display, point, pointedFeature } from "../../state/display";
import { sizeOf, useDrawnMap, useOverlayStyle } from "../explain/ImagePanel";
import { PictureCanvas, type Spot } from "../explain/PictureCanvas";
import { CellCaption } from "./CellCaption";

interface PictureCellProps {
  input: ExampleInput;
  title: string;
  array: NumericArray | null;
  picture: Picture | null;
  limit: number;
  shared: boolean;
  unsigned: boolean;
  /** Under the pointer in any of the columns. */
  spot: Spot | null;
  onSpot: (spot: Spot | null) => void;
}

/** A picture's attributions in one column, with the scale, or the value under the pointer. */
export function PictureCell(props: PictureCellProps) {
  const { input, title, array, picture, limit, shared, unsigned, spot, onSpot } = props;
  const map = useMemo(
    () => (array ? mapOf(array, shared, sizeOf(input)) : null),
    [array, shared, input],
  );
  const drawn = useDrawnMap(map);
  const { smooth } = display.value;
  const style = useOverlayStyle(limit, unsigned, null);
  const draw = useCallback(
    (canvas: HTMLCanvasElement, zoom: Zoom) =>
      drawn && drawOverlay(canvas, picture, drawn, style, smooth, zoom),
    [picture, drawn, style, smooth],
  );
  if (!map) return <p class="cell-status muted">This page cannot draw it.</p>;
  const look = (next: Spot | null) => {
    onSpot(next);
    point(next ? { input: input.name, id: regionId(regionAt(map, next.x, next.y)) } : null);
  };
  const pointed = pointedFeature.value;
  const inside = spot && spot.x < map.width && spot.y < map.height ? spot : null;
  return (
    <PictureCanvas
      label={`${title}, attributions of ${input.name}; arrow keys read values`}
      caption={<CellCaption map={map} style={style} spot={inside} />}
      width={map.width}
      height={map.height}
      spot={inside}
      region={pointed?.input === input.name ? parseRegion(pointed.id) : null}
      onSpot={look}
      draw={draw}
    />
  );
}
