import { useEffect } from "preact/hooks";
import { frameText, heights, type Moment, stripOf } from "../../lib/video";
import { type Clip, frameOf, playOrPause, showFrame, stepFrame } from "../../state/clips";
import { useDeviceWidth } from "./useSize";

interface ClipTimelineProps {
  label: string;
  clip: Clip;
  /** What each frame carries; null while there are no attributions. */
  profile: readonly Moment[] | null;
  unsigned: boolean;
  /** Draws one frame of the strip; left out, there is no strip. */
  drawTile?: ((canvas: HTMLCanvasElement, frame: number) => void) | undefined;
  /** Width by height of a frame. */
  aspect: number;
}

/** CSS pixels. */
const TILE = { width: 32, height: 64 };
const PAGE = 4;

/** How much each frame carries, above a strip of frames; both are one slider over time. */
export function ClipTimeline(props: ClipTimelineProps) {
  const { label, clip, profile, unsigned, drawTile, aspect } = props;
  const frame = frameOf(clip);
  const share = 100 / clip.frames;
  return (
    <div
      class="clip-timeline"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={clip.frames - 1}
      aria-valuenow={frame}
      aria-valuetext={frameText(frame, clip.frames, clip.rate)}
      onKeyDown={(event) => {
        if (!moved(event.key, clip)) return;
        event.preventDefault();
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        showFrame(frameAt(event, clip.frames));
      }}
      onPointerMove={(event) => {
        if (event.buttons & 1) showFrame(frameAt(event, clip.frames));
      }}
    >
      <Profile profile={profile} frames={clip.frames} unsigned={unsigned} />
      {drawTile && <FrameStrip frames={clip.frames} aspect={aspect} draw={drawTile} />}
      <i class="clip-now" style={{ left: `${share * frame}%`, width: `${share}%` }} />
    </div>
  );
}

function moved(key: string, clip: Clip): boolean {
  if (key === "ArrowRight" || key === "ArrowUp") stepFrame(clip, 1);
  else if (key === "ArrowLeft" || key === "ArrowDown") stepFrame(clip, -1);
  else if (key === "PageUp") stepFrame(clip, PAGE);
  else if (key === "PageDown") stepFrame(clip, -PAGE);
  else if (key === "Home") showFrame(0);
  else if (key === "End") showFrame(clip.frames - 1);
  else if (key === " ") playOrPause(clip);
  else return false;
  return true;
}

function frameAt(event: PointerEvent, frames: number): number {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const place = Math.floor(((event.clientX - box.left) / box.width) * frames);
  return Math.min(frames - 1, Math.max(0, place));
}

interface ProfileProps {
  profile: readonly Moment[] | null;
  frames: number;
  unsigned: boolean;
}

/** Bars up for what speaks for the target and down for what speaks against it. */
function Profile({ profile, frames, unsigned }: ProfileProps) {
  const { above, below } = heights(profile ?? []);
  const zero = above + below > 0 ? above / (above + below) : 1;
  const tall = (value: number) => (value === 0 ? 0 : Math.abs(value) / (above + below));
  return (
    <svg
      class="clip-profile"
      viewBox={`0 0 ${frames} 1`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {profile?.map((moment, frame) => (
        <g key={frame}>
          <rect
            class={unsigned ? "strength" : "positive"}
            x={frame + 0.08}
            width={0.84}
            y={zero - tall(moment.for)}
            height={tall(moment.for)}
          />
          <rect
            class="negative"
            x={frame + 0.08}
            width={0.84}
            y={zero}
            height={tall(moment.against)}
          />
        </g>
      ))}
      {below > 0 && <line class="clip-zero" x1={0} x2={frames} y1={zero} y2={zero} />}
    </svg>
  );
}

interface FrameStripProps {
  frames: number;
  aspect: number;
  draw: (canvas: HTMLCanvasElement, frame: number) => void;
}

/** As many frames as there is room for, each at its time. */
function FrameStrip({ frames, aspect, draw }: FrameStripProps) {
  const [frame, deviceWidth] = useDeviceWidth<HTMLDivElement>();
  const width = deviceWidth / devicePixelRatio;
  const shown = stripOf(frames, Math.floor(width / TILE.width));
  const slot = width / shown.length;
  const height = Math.round(Math.min(TILE.height, slot / aspect));
  useEffect(() => {
    const canvas = frame.current?.querySelector("canvas");
    if (!canvas || deviceWidth === 0) return;
    canvas.width = deviceWidth;
    canvas.height = height * devicePixelRatio;
    const context = canvas.getContext("2d");
    const tile = document.createElement("canvas");
    tile.height = canvas.height;
    tile.width = Math.max(
      1,
      Math.floor(Math.min(canvas.height * aspect, deviceWidth / shown.length - devicePixelRatio)),
    );
    shown.forEach((each, i) => {
      draw(tile, each);
      const left = ((i + 0.5) * deviceWidth) / shown.length - tile.width / 2;
      context?.drawImage(tile, Math.round(left), 0);
    });
  }, [frame, deviceWidth, height, frames, aspect, draw]);
  return (
    <div class="clip-strip" aria-hidden="true" ref={frame} style={{ height: `${height}px` }}>
      <canvas />
    </div>
  );
}
