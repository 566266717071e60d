import { type ReadonlySignal, signal } from "@preact/signals";

const query = matchMedia("(max-width: 900px)");
const current = signal(query.matches);

query.addEventListener("change", (event) => {
  current.value = event.matches;
});

/** Whether the page is too narrow for a sidebar; the style sheets turn at the same width. */
export const narrow: ReadonlySignal<boolean> = current;
