import { useCallback, useMemo } from "preact/hooks";
import { drawOverlay } from "../../canvas/draw";
import type { Picture } from "../../canvas/picture";
import type { OverlayStyle } from "../../canvas/pixels";
import { mapOf, parseRegion, regionAt, regionId } from "../../lib/attribution";
import { PALETTES } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import { signed } from "../../lib/scale";
import type { Zoom } from "../../lib/zoom";
import type { ExampleInput } from "../../state/board";
import { display, point, pointedFeature } from "../../state/display";
import { dark } from "../../state/theme";
import { sizeOf, useDrawnMap } from "../explain/ImagePanel";
import { Legend } from "../explain/Legend";
import { PictureCanvas, type Spot } from "../explain/PictureCanvas";

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
  const { mode, strengths, opacity, smooth } = display.value;
  const sign = unsigned ? "absolute" : display.value.sign;
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const style: OverlayStyle = useMemo(
    () => ({ mode, sign, strengths, palette, limit, opacity: opacity / 100 }),
    [mode, sign, strengths, palette, limit, opacity],
  );
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
      caption={
        inside ? (
          <b class="num">{signed(map.values[inside.y * map.width + inside.x] ?? 0)}</b>
        ) : (
          <Legend {...style} mode={mode} short />
        )
      }
      width={map.width}
      height={map.height}
      spot={inside}
      region={pointed?.input === input.name ? parseRegion(pointed.id) : null}
      onSpot={look}
      draw={draw}
    />
  );
}
