import { useEffect, useMemo, useRef } from "preact/hooks";
import { framePicture } from "../../canvas/frames";
import type { Picture } from "../../canvas/picture";
import { smoothed } from "../../lib/contour";
import { frameMap, type Volume } from "../../lib/video";
import type { ExampleInput } from "../../state/board";
import { type Clip, followClip } from "../../state/clips";
import { display } from "../../state/display";
import { mediaAddress } from "../../state/examples";
import { usePicture } from "./ImagePanel";

export type VideoView = Extract<ExampleInput["view"], { kind: "video" }>;

/** The keys that play and step, as long as the clip is on the page; null for none. */
export function useClip(clip: Clip | null): void {
  const now = useRef(clip);
  now.current = clip;
  const any = clip !== null;
  useEffect(() => {
    const first = now.current;
    return first ? followClip(() => now.current ?? first) : undefined;
  }, [any]);
}

/** The sheet of all frames; null while it is on its way. */
export function useSheet(example: number, input: ExampleInput): Picture | null {
  return usePicture(input.media === null ? null : mediaAddress(example, input.name));
}

/** One frame of the sheet. */
export function useFrame(
  sheet: Picture | null,
  { sheet: layout }: VideoView,
  frame: number,
): Picture | null {
  return useMemo(() => sheet && framePicture(sheet, layout, frame), [sheet, layout, frame]);
}

/** What is drawn: contours run through smoothed frames. */
export function useDrawnVolume(volume: Volume | null): Volume | null {
  const contours = display.value.mode === "contour";
  return useMemo(() => {
    if (!volume || !contours) return volume;
    const values = new Float32Array(volume.values.length);
    const size = volume.width * volume.height;
    for (let frame = 0; frame < volume.frames; frame++) {
      values.set(smoothed(frameMap(volume, frame)).values, frame * size);
    }
    return { ...volume, values };
  }, [volume, contours]);
}
