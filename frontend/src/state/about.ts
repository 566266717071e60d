import { signal } from "@preact/signals";

const KEY = "attriboard.about-hidden";
const hidden = signal<readonly string[]>(stored());

/** Whether the board's introduction is still on the page. */
export function aboutShown(board: string): boolean {
  return !hidden.value.includes(board);
}

export function hideAbout(board: string): void {
  hidden.value = [...hidden.value, board];
  try {
    localStorage.setItem(KEY, JSON.stringify(hidden.value));
  } catch {
    // Storage may be refused (private windows, embedded pages); it then lasts until reload.
  }
}

function stored(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.map(String) : [];
  } catch {
    return [];
  }
}
