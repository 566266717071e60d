// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  chosenFrame,
  followClip,
  forgetFrame,
  frameOf,
  playing,
  playOrPause,
  showFrame,
  stepFrame,
} from "./clips";
import { query } from "./url";

const clip = { frames: 16, rate: 8, rest: 11 };
let reduced = false;
let later: (() => void)[] = [];
let now = 0;

/** Time passes, and what waits for the next frame of the screen runs. */
function wait(milliseconds: number): void {
  now += milliseconds;
  const due = later;
  later = [];
  for (const act of due) act();
}

beforeEach(() => {
  reduced = false;
  vi.stubGlobal("matchMedia", () => ({ matches: reduced }));
  vi.stubGlobal("requestAnimationFrame", (act: () => void) => later.push(act));
  vi.stubGlobal("cancelAnimationFrame", () => {
    later = [];
  });
  vi.spyOn(performance, "now").mockImplementation(() => now);
});

afterEach(() => {
  forgetFrame();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it("rests at the strongest frame until one is chosen, which the address keeps", () => {
  expect(frameOf(clip)).toBe(11);
  showFrame(3);
  expect([frameOf(clip), query.value.frame]).toEqual([3, "3"]);
  forgetFrame();
  expect([frameOf(clip), chosenFrame.value]).toEqual([11, null]);
});

it("steps to the ends and no further, and shorter clips stay at their last frame", () => {
  stepFrame(clip, 9);
  expect(frameOf(clip)).toBe(15);
  expect(frameOf({ ...clip, frames: 4 })).toBe(3);
  stepFrame(clip, -99);
  expect(frameOf(clip)).toBe(0);
});

it("plays on from the frame in sight, again and again, and pauses where it is", () => {
  playOrPause(clip);
  expect(playing.value).toBe(true);
  wait(260);
  expect(frameOf(clip)).toBe(13);
  expect(query.value.frame).toBeUndefined();
  wait(500);
  expect(frameOf(clip)).toBe(1);
  playOrPause(clip);
  expect([playing.value, query.value.frame]).toEqual([false, "1"]);
});

it("plays once for people who asked for less motion", () => {
  reduced = true;
  playOrPause(clip);
  wait(5000);
  expect([playing.value, frameOf(clip)]).toEqual([false, 15]);
});

it("listens to its keys as long as a clip is there", () => {
  const press = (key: string) => dispatchEvent(new KeyboardEvent("keydown", { key }));
  const leave = followClip(() => clip);
  press(",");
  expect(frameOf(clip)).toBe(10);
  press(".");
  expect(frameOf(clip)).toBe(11);
  press("v");
  expect(playing.value).toBe(true);
  leave();
  expect(playing.value).toBe(false);
  press(",");
  expect(frameOf(clip)).toBe(11);
});
