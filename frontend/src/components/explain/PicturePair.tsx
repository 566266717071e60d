import { useCallback } from "preact/hooks";
import { drawOverlay, drawPicture, drawSwiped } from "../../canvas/draw";
import type { Picture } from "../../canvas/picture";
import type { OverlayStyle } from "../../canvas/pixels";
import type { Region, ValueMap } from "../../lib/attribution";
import type { Zoom } from "../../lib/zoom";
import { display, draw } from "../../state/display";
import { PictureCanvas, type Spot } from "./PictureCanvas";

interface PicturePairProps {
  name: string;
  picture: Picture | null;
  /** The attributions as they are drawn. */
  map: ValueMap | null;
  style: OverlayStyle;
  /** In places of the map. */
  width: number;
  height: number;
  spot: Spot | null;
  region: Region | null;
  onSpot: (spot: Spot | null) => void;
  /** Under the attributions. */
  caption: string;
  /** There is a picture to see. */
  original: boolean;
  /** There are attributions to lay over it. */
  attributions: boolean;
  /** It is a frame of a clip. */
  clip?: boolean;
}

/** A picture and its attributions, side by side, or in one frame with an edge to move. */
export function PicturePair(props: PicturePairProps) {
  const { name, picture, map, style, width, height, spot, region, onSpot } = props;
  const common = { width, height, spot, region, onSpot };
  const { smooth, swipe } = display.value;
  const drawOriginal = useCallback(
    (canvas: HTMLCanvasElement, zoom: Zoom) =>
      picture && drawPicture(canvas, picture, smooth, zoom),
    [picture, smooth],
  );
  const drawMap = useCallback(
    (canvas: HTMLCanvasElement, zoom: Zoom) =>
      map && drawOverlay(canvas, picture, map, style, smooth, zoom),
    [picture, map, style, smooth],
  );
  const drawBoth = useCallback(
    (canvas: HTMLCanvasElement, zoom: Zoom) =>
      drawSwiped(
        canvas,
        (part) => drawOriginal(part, zoom),
        (part) => drawMap(part, zoom),
        (swipe ?? 0) / 100,
      ),
    [drawOriginal, drawMap, swipe],
  );
  const together = swipe !== null && props.original && props.attributions;
  const classes = ["picture-pair", props.clip && "clip-pair", together && "together"];
  return (
    <div class={classes.filter(Boolean).join(" ")}>
      {together && (
        <PictureCanvas
          {...common}
          label={`Attributions of ${name} beside the original; arrow keys read values`}
          caption={<Swipe share={swipe} />}
          draw={drawBoth}
        />
      )}
      {!together && props.original && (
        <PictureCanvas
          {...common}
          label={`${name} as it is`}
          caption="original"
          draw={drawOriginal}
        />
      )}
      {!together && props.attributions && (
        <PictureCanvas
          {...common}
          label={`Attributions of ${name}; arrow keys read values`}
          caption={props.caption}
          draw={drawMap}
        />
      )}
    </div>
  );
}

/** Where the original ends and the attribution begins. */
function Swipe({ share }: { share: number }) {
  return (
    <label class="swipe">
      <span>original</span>
      <input
        type="range"
        min={0}
        max={100}
        value={share}
        aria-label="Edge between original and attribution"
        onInput={(event) => draw("swipe", event.currentTarget.valueAsNumber)}
      />
      <span>attribution</span>
    </label>
  );
}
