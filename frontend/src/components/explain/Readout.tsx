import { colourAt, type Picture } from "../../canvas/picture";
import { channelsAt, type ValueMap } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import { signed } from "../../lib/scale";
import type { Spot } from "./PictureCanvas";

interface ReadoutProps {
  spot: Spot | null;
  map: ValueMap | null;
  array: NumericArray | null;
  picture: Picture | null;
  shared: boolean;
}

/** More than this many do not fit on the line. */
const MOST_CHANNELS = 4;

/** The numbers under the pointer. Always one line high, so that nothing jumps. */
export function Readout({ spot, map, array, picture, shared }: ReadoutProps) {
  if (!map || !array) return <p class="readout" />;
  if (!spot) {
    return <p class="readout muted">Point at the picture to read its values</p>;
  }
  const channels = channelsAt(array, map, spot.x, spot.y);
  const colour = picture ? colourUnder(picture, map, spot) : [];
  const value = map.values[spot.y * map.width + spot.x] ?? 0;
  return (
    <p class="readout num">
      <span>
        x {spot.x}, y {spot.y}
      </span>
      <b>{signed(value)}</b>
      {channels.length > 1 && channels.length <= MOST_CHANNELS && !shared && (
        <span class="muted">channels {channels.map((part) => signed(part)).join("  ")}</span>
      )}
      {colour.length > 0 && <span class="muted">pixel {colour.join(" ")}</span>}
    </p>
  );
}

/** The picture may be larger than the grid the model sees; its pixel at the element's middle is read. */
function colourUnder(picture: Picture, map: ValueMap, { x, y }: Spot): number[] {
  const at = (place: number, of: number, size: number) => Math.floor(((place + 0.5) / of) * size);
  return colourAt(picture, at(x, map.width, picture.width), at(y, map.height, picture.height));
}
