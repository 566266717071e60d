import { useEffect, useMemo, useState } from "preact/hooks";
import { loadPicture, type Picture } from "../../canvas/picture";
import type { OverlayStyle } from "../../canvas/pixels";
import {
  mapOf,
  parseRegion,
  type Region,
  regionAt,
  regionId,
  type Size,
  type ValueMap,
} from "../../lib/attribution";
import { smoothed } from "../../lib/contour";
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
import type { Spot } from "./PictureCanvas";
import { PicturePair } from "./PicturePair";
import { Readout } from "./Readout";
import { ZoomTools } from "./ZoomTools";

interface ImagePanelProps {
  input: ExampleInput;
  /** What tells it apart from another panel of the same input. */
  label: string;
  example: number;
  array: NumericArray | null;
  /** Each element carries its whole feature's value, so that values are averaged, not summed. */
  shared: boolean;
  unsigned: boolean;
  stale: boolean;
  /** Its part of the strength of all inputs. */
  share: number | null;
  /** The value in full colour on every input; null where each has its own. */
  limit: number | null;
  /** The layer whose map this is, laid over the picture; null for the picture's own. */
  layer: string | null;
  /** The attributions live where the picture has no part. */
  elsewhere: boolean;
  /** There are other inputs, which could share a scale with this one. */
  several: boolean;
}

/** Wide enough to judge; larger pictures are sent smaller. */
const WIDEST = 1024;

/** The picture and its attributions, side by side or in one frame. */
export function ImagePanel(props: ImagePanelProps) {
  const { input, example, array, shared, unsigned, layer, elsewhere } = props;
  const picture = usePicture(
    input.media === null ? null : pictureAddress(example, input.name, WIDEST),
  );
  const map = useMemo(
    () => (array ? mapOf(array, shared, sizeOf(input)) : null),
    [array, shared, input],
  );
  const drawn = useDrawnMap(map);
  const [spot, setSpot] = useState<Spot | null>(null);
  const clip = display.value.clip;
  const own = useMemo(() => (drawn ? limitAt(drawn.values, clip) : 0), [drawn, clip]);
  const style = useOverlayStyle(own, unsigned, props.limit);
  const { width, height } = map ?? sizeOf(input);
  const look = (next: Spot | null) => {
    setSpot(next);
    point(next && map ? { input: input.name, id: regionId(regionAt(map, next.x, next.y)) } : null);
  };
  const region = usePointedRegion(input.name);
  return (
    <Panel
      share={props.share}
      title={input.name}
      label={props.label}
      note={sizeNote(input, map, layer)}
      tools={!elsewhere && <ModeSwitch />}
      stale={props.stale}
    >
      <PicturePair
        {...{ picture, style, width, height, spot, region }}
        name={input.name}
        map={drawn}
        caption={captionOf(map, layer)}
        original={input.media !== null}
        attributions={!elsewhere}
        onSpot={look}
      />
      <div class="picture-line">
        <Readout spot={spot} map={map} array={array} picture={picture} shared={shared} />
        <ZoomTools />
      </div>
      {!elsewhere && (
        <div class="panel-foot">
          {map && <Legend {...style} />}
          <ImageControls unsigned={unsigned} several={props.several} />
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

/** The map that is drawn: contours run through a smoothed one. */
export function useDrawnMap(map: ValueMap | null): ValueMap | null {
  const contours = display.value.mode === "contour";
  return useMemo(() => (map && contours ? smoothed(map) : map), [map, contours]);
}

/** How attributions are drawn: in the scale all inputs share, or in their own. */
export function useOverlayStyle(
  own: number,
  unsigned: boolean,
  common: number | null,
): OverlayStyle {
  const { mode, strengths, opacity } = display.value;
  const sign = unsigned ? "absolute" : display.value.sign;
  const palette = PALETTES[dark.value ? "dark" : "light"];
  return useMemo(() => {
    const limit = mode === "contour" ? own : (common ?? own);
    return { mode, sign, strengths, palette, limit, opacity: opacity / 100 };
  }, [own, mode, sign, strengths, palette, opacity, common]);
}

function usePointedRegion(input: string): Region | null {
  const feature = pointedFeature.value;
  return feature?.input === input ? parseRegion(feature.id) : null;
}

/** A picture's size, as the model sees it. */
export function sizeOf({ view }: ExampleInput): Size {
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
