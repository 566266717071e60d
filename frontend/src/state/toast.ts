import { type ReadonlySignal, signal } from "@preact/signals";

const SECONDS = 5;
const current = signal<string | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** A passing word about something that was just done. Failures have their own place instead. */
export const toast: ReadonlySignal<string | null> = current;

export function say(text: string): void {
  clearTimeout(timer);
  current.value = text;
  timer = setTimeout(() => {
    current.value = null;
  }, SECONDS * 1000);
}
