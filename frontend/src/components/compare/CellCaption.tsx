import type { OverlayStyle } from "../../canvas/pixels";
import type { ValueMap } from "../../lib/attribution";
import { signed } from "../../lib/scale";
import { Legend } from "../explain/Legend";
import type { Spot } from "../explain/PictureCanvas";

interface CellCaptionProps {
  map: ValueMap;
  style: OverlayStyle;
  /** Under the pointer, and inside the map. */
  spot: Spot | null;
}

/** Under a column's picture: the value under the pointer, else the scale. */
export function CellCaption({ map, style, spot }: CellCaptionProps) {
  if (!spot) return <Legend {...style} mode={style.mode} short />;
  return <b class="num">{signed(map.values[spot.y * map.width + spot.x] ?? 0)}</b>;
}
