import { useCallback, useMemo } from "preact/hooks";
import { drawOverlay } from "../../canvas/draw";
import type { OverlayStyle } from "../../canvas/pixels";
import { regionAt } from "../../lib/attribution";
import { PALETTES } from "../../lib/palette";
import { signed } from "../../lib/scale";
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
import { dark } from "../../state/theme";
import { ClipTimeline } from "../explain/ClipTimeline";
import { Legend } from "../explain/Legend";
import { PictureCanvas, type Spot } from "../explain/PictureCanvas";
import { useDrawnVolume, useFrame, useSheet, type VideoView } from "../explain/useClip";

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
  const { mode, strengths, opacity, smooth } = display.value;
  const sign = unsigned ? "absolute" : display.value.sign;
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const style: OverlayStyle = useMemo(
    () => ({ mode, sign, strengths, palette, limit, opacity: opacity / 100 }),
    [mode, sign, strengths, palette, limit, opacity],
  );
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
