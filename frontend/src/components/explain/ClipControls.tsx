import { frameText } from "../../lib/video";
import { type Clip, frameOf, playing, playOrPause, showFrame, stepFrame } from "../../state/clips";
import { Button } from "../Button";

interface ClipControlsProps {
  clip: Clip;
  /** Play alone, where there is little room. */
  short?: boolean;
}

/** Play or pause, one frame back or on, and the frame that counts most. */
export function ClipControls({ clip, short = false }: ClipControlsProps) {
  const frame = frameOf(clip);
  const on = playing.value;
  const { frames, rest } = clip;
  return (
    <div class="clip-controls">
      <Button onClick={() => playOrPause(clip)} title="Play or pause (v)" disabled={frames < 2}>
        {on ? "Pause" : "Play"}
      </Button>
      <span class="clip-steps">
        <Button
          label="Earlier frame"
          title="Earlier frame (,)"
          disabled={frame === 0}
          onClick={() => stepFrame(clip, -1)}
        >
          ‹
        </Button>
        <Button
          label="Later frame"
          title="Later frame (.)"
          disabled={frame === frames - 1}
          onClick={() => stepFrame(clip, 1)}
        >
          ›
        </Button>
      </span>
      <span class="num">{frameText(frame, frames, short ? null : clip.rate)}</span>
      {!short && frame !== rest && !on && (
        <Button kind="quiet" onClick={() => showFrame(rest)}>
          Strongest, frame {rest}
        </Button>
      )}
    </div>
  );
}
