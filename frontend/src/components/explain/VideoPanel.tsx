import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { drawOverlay, drawPicture } from "../../canvas/draw";
import { framePicture } from "../../canvas/frames";
import { type Region, regionAt } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import {
  frameArray,
  frameMap,
  LAYER,
  parseTube,
  placeIn,
  profileOf,
  stretched,
  strongestFrame,
  tubeAt,
  type Volume,
  volumeLimit,
  volumeOf,
} from "../../lib/video";
import type { ExampleInput } from "../../state/board";
import { type Clip, forgetFrame, frameOf } from "../../state/clips";
import { display, point, pointedFeature } from "../../state/display";
import { ClipControls } from "./ClipControls";
import { ClipTimeline } from "./ClipTimeline";
import { ImageControls, ModeSwitch } from "./ImageControls";
import { useOverlayStyle } from "./ImagePanel";
import { Legend } from "./Legend";
import { Panel } from "./Panel";
import type { Spot } from "./PictureCanvas";
import { PicturePair } from "./PicturePair";
import { Readout } from "./Readout";
import { useClip, useDrawnVolume, useFrame, useSheet, type VideoView } from "./useClip";
import { ZoomTools } from "./ZoomTools";

interface VideoPanelProps {
  input: ExampleInput;
  view: VideoView;
  /** What tells it apart from another panel of the same input. */
  label: string;
  example: number;
  array: NumericArray | null;
  /** Each element carries its whole feature's value, so that values are averaged, not summed. */
  shared: boolean;
  unsigned: boolean;
  stale: boolean;
  share: number | null;
  /** The value in full colour on every input; null where each has its own. */
  limit: number | null;
  /** The layer whose map this is, laid over the clip; null for the clip's own. */
  layer: string | null;
  /** The attributions live where the clip has no part. */
  elsewhere: boolean;
  several: boolean;
}

/** One frame and its attributions, in the scale of the whole clip, above all frames in time. */
export function VideoPanel(props: VideoPanelProps) {
  const { input, view, array, shared, unsigned, layer, elsewhere } = props;
  const sheet = useSheet(props.example, input);
  const volume = useMemo(
    () =>
      array && !elsewhere ? volumeOf(array, layer === null ? view.layout : LAYER, shared) : null,
    [array, elsewhere, layer, view.layout, shared],
  );
  const drawn = useDrawnVolume(volume);
  const profile = useMemo(() => volume && profileOf(volume, shared), [volume, shared]);
  const clip: Clip = {
    frames: view.frames,
    rate: view.rate,
    rest: profile ? placeIn(strongestFrame(profile), profile.length, view.frames) : 0,
  };
  useClip(clip);
  useOtherExample(props.example);
  const frame = frameOf(clip);
  const style = useOverlayStyle(
    drawn ? volumeLimit(drawn, display.value.clip) : 0,
    unsigned,
    props.limit,
  );
  const drawTile = useCallback(
    (canvas: HTMLCanvasElement, at: number) => {
      const picture = sheet && framePicture(sheet, view.sheet, at);
      if (drawn) drawOverlay(canvas, picture, mapAt(drawn, at, view.frames), style, false);
      else if (picture) drawPicture(canvas, picture, false);
    },
    [sheet, view, drawn, style],
  );
  return (
    <Panel
      share={props.share}
      title={input.name}
      label={props.label}
      note={noteOf(view)}
      tools={!elsewhere && <ModeSwitch />}
      stale={props.stale}
    >
      <Frames {...props} {...{ sheet, volume, drawn, style, frame }} />
      <ClipControls clip={clip} />
      <ClipTimeline
        label={`Frames of ${input.name}`}
        clip={clip}
        profile={profile && stretched(profile, view.frames)}
        unsigned={unsigned}
        drawTile={drawTile}
        aspect={view.width / view.height}
      />
      {!elsewhere && (
        <div class="panel-foot">
          {volume && <Legend {...style} />}
          <ImageControls unsigned={unsigned} several={props.several} />
        </div>
      )}
    </Panel>
  );
}

interface FramesProps extends VideoPanelProps {
  sheet: ReturnType<typeof useSheet>;
  volume: Volume | null;
  drawn: Volume | null;
  style: ReturnType<typeof useOverlayStyle>;
  frame: number;
}

/** The frame in sight as it is, and its attributions. */
function Frames(props: FramesProps) {
  const { input, view, array, shared, layer, elsewhere, sheet, volume, drawn, style, frame } =
    props;
  const picture = useFrame(sheet, view, frame);
  const at = volume ? placeIn(frame, view.frames, volume.frames) : 0;
  const map = useMemo(() => volume && frameMap(volume, at), [volume, at]);
  const shown = useMemo(() => drawn && frameMap(drawn, at), [drawn, at]);
  const [spot, setSpot] = useState<Spot | null>(null);
  const { width, height } = map ?? view;
  const look = (next: Spot | null) => {
    setSpot(next);
    const id = next && map && volume ? tubeAt(volume, regionAt(map, next.x, next.y), at) : null;
    point(id === null ? null : { input: input.name, id });
  };
  const region = usePointedTube(input.name, at);
  const values = useMemo(
    () => array && volume && frameArray(array, layer === null ? view.layout : LAYER, at),
    [array, volume, layer, view.layout, at],
  );
  return (
    <>
      <PicturePair
        {...{ picture, style, width, height, spot, region }}
        clip
        name={input.name}
        map={shown}
        caption={captionOf(volume, layer)}
        original
        attributions={!elsewhere}
        onSpot={look}
      />
      <div class="picture-line">
        <Readout spot={spot} map={map} array={values} picture={picture} shared={shared} />
        <ZoomTools />
      </div>
    </>
  );
}

function mapAt(volume: Volume, frame: number, frames: number) {
  return frameMap(volume, placeIn(frame, frames, volume.frames));
}

/** The frame is chosen for one example; the next one opens at its own strongest. */
function useOtherExample(example: number): void {
  const before = useRef(example);
  useEffect(() => {
    if (before.current !== example) forgetFrame();
    before.current = example;
  }, [example]);
}

function usePointedTube(input: string, frame: number): Region | null {
  const feature = pointedFeature.value;
  const tube = feature?.input === input ? parseTube(feature.id) : null;
  return tube && frame >= tube.t0 && frame < tube.t1 ? tube : null;
}

function captionOf(volume: Volume | null, layer: string | null): string {
  if (!volume) return "attribution, not computed yet";
  if (layer === null) return "attribution, one scale for all frames";
  const channels = volume.channels > 1 ? `, ${volume.channels} channels summed` : "";
  return `${layer}: ${volume.frames} times of ${volume.width} × ${volume.height}${channels}`;
}

function noteOf({ frames, width, height, rate }: VideoView): string {
  const pace = rate === null ? "" : `, ${Number(rate.toFixed(2))} a second`;
  return `${frames} × ${width} × ${height}${pace}`;
}
