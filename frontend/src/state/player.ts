// Sounds: fetched once, played whole or with gaps of silence, one at a time.

import { type ReadonlySignal, signal } from "@preact/signals";

export interface Playing {
  readonly url: string;
  /** Only the parts that matter are heard. */
  readonly parts: boolean;
  /** 0..1 of the sound. */
  readonly place: number;
}

const current = signal<Playing | null>(null);
const failure = signal<string | null>(null);

export const playing: ReadonlySignal<Playing | null> = current;
export const playFailure: ReadonlySignal<string | null> = failure;

/** So long a part takes to swell and to fade, against clicks, in seconds. */
const RAMP = 0.008;

let context: AudioContext | null = null;
let source: AudioBufferSourceNode | null = null;
const loaded = new Map<string, Promise<AudioBuffer>>();
const KEPT = 8;

function load(url: string, into: AudioContext): Promise<AudioBuffer> {
  const known = loaded.get(url);
  if (known) return known;
  const found = fetch(url).then(async (answer) => {
    if (!answer.ok) throw new Error("The server has no such sound.");
    return into.decodeAudioData(await answer.arrayBuffer());
  });
  found.catch(() => loaded.delete(url));
  loaded.set(url, found);
  const oldest = loaded.keys().next();
  if (loaded.size > KEPT && !oldest.done) loaded.delete(oldest.value);
  return found;
}

export function stopSound(): void {
  const ending = source;
  source = null;
  current.value = null;
  ending?.stop();
}

/** Plays a sound; with `kept`, only those of its equal parts. Stops what is playing. */
export async function playSound(url: string, kept: readonly boolean[] | null): Promise<void> {
  stopSound();
  failure.value = null;
  try {
    context ??= new AudioContext();
    const into = context;
    await into.resume();
    const buffer = await load(url, into);
    const gain = into.createGain();
    const start = into.currentTime + 0.02;
    if (kept) shape(gain.gain, kept, start, buffer.duration);
    const node = into.createBufferSource();
    node.buffer = buffer;
    node.connect(gain).connect(into.destination);
    node.onended = () => source === node && stopSound();
    source = node;
    node.start(start);
    follow(node, { url, parts: kept !== null, place: 0 }, start, buffer.duration);
  } catch (error) {
    current.value = null;
    failure.value = `The sound cannot be played: ${error instanceof Error ? error.message : error}`;
  }
}

function shape(gain: AudioParam, kept: readonly boolean[], start: number, seconds: number): void {
  gain.setValueAtTime(kept[0] ? 1 : 0, start);
  kept.forEach((on, i) => {
    if (i === 0 || on === kept[i - 1]) return;
    const time = start + (i / kept.length) * seconds;
    gain.setValueAtTime(on ? 0 : 1, time);
    gain.linearRampToValueAtTime(on ? 1 : 0, time + RAMP);
  });
}

function follow(node: AudioNode, what: Playing, start: number, seconds: number): void {
  if (source !== node || !context) return;
  const place = Math.min(1, Math.max(0, (context.currentTime - start) / seconds));
  current.value = { ...what, place };
  requestAnimationFrame(() => follow(node, what, start, seconds));
}
