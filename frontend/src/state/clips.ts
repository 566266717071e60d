// The frame in sight: one for all clips of the page, so that columns and panels play in step. Kept in the address.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { frameAfter } from "../lib/video";
import { bindKeys } from "./keys";
import { integer, navigate, query } from "./url";

export interface Clip {
  readonly frames: number;
  /** Frames a second; null where nobody said. */
  readonly rate: number | null;
  /** The frame shown as long as none is chosen. */
  readonly rest: number;
}

/** Frames a second where nobody said. */
const RATE = 8;

const head = signal<number | null>(null);

/** The frame that was chosen, or that plays now; null until one is. */
export const chosenFrame: ReadonlySignal<number | null> = computed(
  () => head.value ?? integer(query.value, "frame"),
);

export const playing: ReadonlySignal<boolean> = computed(() => head.value !== null);

/** The frame of one clip: the chosen one, as far as it goes. */
export function frameOf({ frames, rest }: Clip): number {
  return Math.min(frames - 1, Math.max(0, chosenFrame.value ?? rest));
}

export function showFrame(frame: number): void {
  stop();
  navigate({ frame: Math.max(0, frame) }, "replace");
}

export function stepFrame(clip: Clip, by: number): void {
  showFrame(Math.min(clip.frames - 1, Math.max(0, frameOf(clip) + by)));
}

let timer = 0;

/** From the frame in sight, again and again; to the end alone for people who asked for less motion. */
export function playOrPause(clip: Clip): void {
  const now = frameOf(clip);
  if (head.peek() === null) play(clip, now === clip.frames - 1 ? 0 : now);
  else showFrame(now);
}

function play({ frames, rate }: Clip, from: number): void {
  const loop = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const start = performance.now();
  const on = () => {
    const gone = performance.now() - start;
    const next = frameAfter(from, gone, rate ?? RATE, frames, loop);
    if (loop || next < frames - 1) {
      head.value = next;
      timer = requestAnimationFrame(on);
    } else showFrame(next);
  };
  head.value = from;
  timer = requestAnimationFrame(on);
}

function stop(): void {
  cancelAnimationFrame(timer);
  head.value = null;
}

type Seen = () => Clip;

let followed: readonly Seen[] = [];
let unbind = () => {};

/** The keys of a clip on the page, as long as one is there. Returns what ends it. */
export function followClip(clip: Seen): () => void {
  if (!followed.length) unbind = bindKeys(KEYS);
  followed = [...followed, clip];
  return () => {
    followed = followed.filter((other) => other !== clip);
    if (followed.length) return;
    unbind();
    stop();
  };
}

function withFirst(act: (clip: Clip) => void): () => void {
  return () => {
    const [first] = followed;
    if (first) act(first());
  };
}

const KEYS = {
  ",": withFirst((clip) => stepFrame(clip, -1)),
  ".": withFirst((clip) => stepFrame(clip, 1)),
  v: withFirst(playOrPause),
};

/** Another example has another story: its own strongest frame is shown again. */
export function forgetFrame(): void {
  stop();
  navigate({ frame: null }, "replace");
}
