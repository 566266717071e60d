/** Where one is in the gallery: kept while the page lives, so that coming back finds the same place. */
import { type ReadonlySignal, signal } from "@preact/signals";

const active = signal(0);
/** Pixels from one frame to the next. */
const FAST = 80;
let place = { source: "", top: 0 };

/** The card the arrow keys start from. */
export const activePosition: ReadonlySignal<number> = active;

/** Whether the filters are open on a narrow page. */
export const drawerOpen = signal(false);

/** Whether the list moves so fast that its pictures can wait. */
export const rushing = signal(false);
const REST = 120;
let rest: ReturnType<typeof setTimeout> | undefined;

/** The list moved by so many pixels at once. */
export function moved(by: number): void {
  if (Math.abs(by) < FAST && !rushing.peek()) return;
  rushing.value = true;
  clearTimeout(rest);
  rest = setTimeout(() => {
    rushing.value = false;
  }, REST);
}

export function setActive(position: number): void {
  active.value = position;
}

/** Whether this list is the one that was last looked at. */
export function isPlace(source: string): boolean {
  return place.source === source;
}

/** How far a list was scrolled; a list that is new starts at its top, with its first card active. */
export function scrollOf(source: string): number {
  if (place.source !== source) {
    place = { source, top: 0 };
    active.value = 0;
  }
  return place.top;
}

export function rememberScroll(source: string, top: number): void {
  place = { source, top };
}
