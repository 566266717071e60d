import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { drawOverlay, drawPicture } from "../../canvas/draw";
import { loadPicture, type Picture } from "../../canvas/picture";
import type { OverlayStyle } from "../../canvas/pixels";
import {
  mapOf,
  parseRegion,
  type Region,
  regionAt,
  regionId,
  type ValueMap,
} from "../../lib/attribution";
import { PALETTES } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import { limitAt } from "../../lib/scale";
import type { ExampleInput } from "../../state/board";
import { display, point, pointedFeature } from "../../state/display";
import { pictureAddress } from "../../state/examples";
import { dark } from "../../state/theme";
import { ImageControls, ModeSwitch } from "./ImageControls";
import { Legend } from "./Legend";
import { Panel } from "./Panel";
import { PictureCanvas, type Spot } from "./PictureCanvas";
import { Readout } from "./Readout";

interface ImagePanelProps {
  input: ExampleInput;
  example: number;
  array: NumericArray | null;
  /** Each element carries its whole feature's value, so that values are averaged, not summed. */
  shared: boolean;
  unsigned: boolean;
  stale: boolean;
  /** Its part of the strength of all inputs; each input is drawn in its own scale. */
  share: number | null;
  /** The layer whose map this is, laid over the picture; null for the picture's own. */
  layer: string | null;
  /** The attributions live where the picture has no part. */
  elsewhere: boolean;
}

/** Wide enough to judge; larger pictures are sent smaller. */
const WIDEST = 1024;

/** The picture and its attributions side by side. */
export function ImagePanel({
  input,
  example,
  array,
  shared,
  unsigned,
  stale,
  share,
  layer,
  elsewhere,
}: ImagePanelProps) {
  const picture = usePicture(
    input.media === null ? null : pictureAddress(example, input.name, WIDEST),
  );
  const map = useMemo(() => (array ? mapOf(array, shared) : null), [array, shared]);
  const [spot, setSpot] = useState<Spot | null>(null);
  const style = useOverlayStyle(map, unsigned);
  const { width, height } = map ?? sizeOf(input);
  const look = (next: Spot | null) => {
    setSpot(next);
    point(next && map ? { input: input.name, id: regionId(regionAt(map, next.x, next.y)) } : null);
  };
  const common = { width, height, spot, region: usePointedRegion(input.name), onSpot: look };
  const { smooth } = display.value;
  const drawOriginal = useCallback(
    (canvas: HTMLCanvasElement) => picture && drawPicture(canvas, picture, smooth),
    [picture, smooth],
  );
  const drawMap = useCallback(
    (canvas: HTMLCanvasElement) => map && drawOverlay(canvas, picture, map, style, smooth),
    [picture, map, style, smooth],
  );
  return (
    <Panel
      share={share}
      title={input.name}
      note={sizeNote(input, map, layer)}
      tools={!elsewhere && <ModeSwitch />}
      stale={stale}
    >
      <div class="picture-pair">
        {input.media !== null && (
          <PictureCanvas
            {...common}
            label={`${input.name} as it is`}
            caption="original"
            draw={drawOriginal}
          />
        )}
        {!elsewhere && (
          <PictureCanvas
            {...common}
            label={`Attributions of ${input.name}; arrow keys read values`}
            caption={captionOf(map, layer)}
            draw={drawMap}
          />
        )}
      </div>
      <Readout spot={spot} map={map} array={array} picture={picture} shared={shared} />
      {!elsewhere && (
        <div class="panel-foot">
          {map && <Legend {...style} mask={style.mode === "mask"} />}
          <ImageControls unsigned={unsigned} />
        </div>
      )}
    </Panel>
  );
}

/** The picture at an address; null while it is on its way. */
export function usePicture(url: string | null): Picture | null {
  const [loaded, setLoaded] = useState<{ url: string; picture: Picture } | null>(null);
  useEffect(() => {
    if (url === null) return;
    let current = true;
    loadPicture(url).then(
      (picture) => current && setLoaded({ url, picture }),
      () => current && setLoaded(null),
    );
    return () => {
      current = false;
    };
  }, [url]);
  return loaded?.url === url ? loaded.picture : null;
}

function useOverlayStyle(map: ValueMap | null, unsigned: boolean): OverlayStyle {
  const { mode, strengths, opacity, clip } = display.value;
  const sign = unsigned ? "absolute" : display.value.sign;
  const palette = PALETTES[dark.value ? "dark" : "light"];
  return useMemo(() => {
    const limit = map ? limitAt(map.values, clip) : 0;
    return { mode, sign, strengths, palette, limit, opacity: opacity / 100 };
  }, [map, mode, sign, strengths, palette, opacity, clip]);
}

function usePointedRegion(input: string): Region | null {
  const feature = pointedFeature.value;
  return feature?.input === input ? parseRegion(feature.id) : null;
}

function sizeOf({ view }: ExampleInput): { width: number; height: number } {
  return view.kind === "image" ? view : { width: 1, height: 1 };
}

function captionOf(map: ValueMap | null, layer: string | null): string {
  if (!map) return "attribution, not computed yet";
  if (layer === null) return "attribution";
  const channels = map.channels > 1 ? `, ${map.channels} channels summed` : "";
  return `${layer}: ${map.width} × ${map.height} places${channels}`;
}

function sizeNote(input: ExampleInput, map: ValueMap | null, layer: string | null): string {
  const { width, height } = sizeOf(input);
  const own = `${width} × ${height}`;
  if (!map || layer !== null || (map.width === width && map.height === height)) return own;
  return `${own}, seen by the model as ${map.width} × ${map.height}`;
}
