import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const KEY = "attriboard.theme";

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
const chosen = signal<Theme>(stored());

export const theme: ReadonlySignal<Theme> = chosen;

/** Whether the page is dark now; canvases redraw when it changes. */
export const dark: ReadonlySignal<boolean> = computed(() =>
  chosen.value === "system" ? systemDark.value : chosen.value === "dark",
);

export function setTheme(next: Theme): void {
  chosen.value = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Storage may be refused (private windows, embedded pages); the choice then lasts until reload.
  }
}

export function startTheme(): void {
  system.addEventListener("change", (event) => {
    systemDark.value = event.matches;
  });
  effect(() => {
    document.documentElement.dataset.theme = dark.value ? "dark" : "light";
  });
}

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}
