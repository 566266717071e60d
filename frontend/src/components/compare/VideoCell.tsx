import { useCallback, useMemo } from "preact/hooks";
import { drawOverlay } from "../../canvas/draw";
import { regionAt } from "../../lib/attribution";
import {
  frameMap,
  parseTube,
  placeIn,
  profileOf,
  stretched,
  strongestFrame,
  tubeAt,
  type Volume,
} from "../../lib/video";
import type { Zoom } from "../../lib/zoom";
import type { ExampleInput } from "../../state/board";
import { display, point, pointedFeature } from "../../state/display";
import { ClipTimeline } from "../explain/ClipTimeline";
import { useOverlayStyle } from "../explain/ImagePanel";
import { PictureCanvas, type Spot } from "../explain/PictureCanvas";
import { useDrawnVolume, useFrame, useSheet, type VideoView } from "../explain/useClip";
import { CellCaption } from "./CellCaption";

interface VideoCellProps {
  input: ExampleInput;
  view: VideoView;
  title: string;
  example: number;
  volume: Volume | null;
  /** The frame that all columns show; null for the cell's own strongest. */
  frame: number | null;
  limit: number;
  shared: boolean;
  unsigned: boolean;
  /** Under the pointer in any of the columns. */
  spot: Spot | null;
  onSpot: (spot: Spot | null) => void;
}

/** One frame's attributions in one column, with how much each frame carries. */
export function VideoCell(props: VideoCellProps) {
  const { input, view, title, volume, limit, shared, unsigned, spot, onSpot } = props;
  const profile = useMemo(() => volume && profileOf(volume, shared), [volume, shared]);
  const rest = profile ? placeIn(strongestFrame(profile), profile.length, view.frames) : 0;
  const frame = props.frame ?? rest;
  const picture = useFrame(useSheet(props.example, input), view, frame);
  const drawn = useDrawnVolume(volume);
  const at = volume ? placeIn(frame, view.frames, volume.frames) : 0;
  const { smooth } = display.value;
  const style = useOverlayStyle(limit, unsigned, null);
  const draw = useCallback(
    (canvas: HTMLCanvasElement, zoom: Zoom) =>
      drawn && drawOverlay(canvas, picture, frameMap(drawn, at), style, smooth, zoom),
    [picture, drawn, at, style, smooth],
  );
  if (!volume || !profile) return <p class="cell-status muted">This page cannot draw it.</p>;
  const map = frameMap(volume, at);
  const look = (next: Spot | null) => {
    onSpot(next);
    const id = next && tubeAt(volume, regionAt(map, next.x, next.y), at);
    point(id === null ? null : { input: input.name, id });
  };
  const pointed = pointedFeature.value;
  const tube = pointed?.input === input.name ? parseTube(pointed.id) : null;
  const inside = spot && spot.x < map.width && spot.y < map.height ? spot : null;
  return (
    <div class="clip-cell">
      <PictureCanvas
        label={`${title}, attributions of ${input.name}; arrow keys read values`}
        caption={<CellCaption map={map} style={style} spot={inside} />}
        width={map.width}
        height={map.height}
        spot={inside}
        region={tube && at >= tube.t0 && at < tube.t1 ? tube : null}
        onSpot={look}
        draw={draw}
      />
      <ClipTimeline
        label={`${title}, frames of ${input.name}`}
        clip={{ frames: view.frames, rate: view.rate, rest: frame }}
        profile={stretched(profile, view.frames)}
        unsigned={unsigned}
        aspect={view.width / view.height}
      />
    </div>
  );
}
