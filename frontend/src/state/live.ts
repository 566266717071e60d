/** Follows what happens elsewhere: a selection made in a notebook, changed weights, a server started anew. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { ApiError, get } from "../api/client";
import type { PulseAnswer } from "../api/types";
import { loadBoard } from "./board";
import { refreshExamples, reopenExamples, retryExamples } from "./examples";
import { readMarks } from "./marks";
import { readSelection } from "./selection";
import { say } from "./toast";
import { readViews } from "./views";

const EVERY = 1500;
const SILENT = 2;

const broken = signal(false);
/** Whether the server does not answer at present; asked for again until it does. */
export const connectionLost: ReadonlySignal<boolean> = broken;

let known: PulseAnswer | null = null;
let misses = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

export function startLive(): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void beat();
  });
  void beat();
}

/** Asks now, instead of when its time comes. */
export function tryAgain(): void {
  void beat();
}

async function beat(): Promise<void> {
  clearTimeout(timer);
  try {
    follow(await get<PulseAnswer>("api/pulse"));
  } catch (error) {
    const silent = error instanceof ApiError && error.status === 0;
    misses += 1;
    if (silent && misses >= SILENT) broken.value = true;
  }
  // A page out of sight asks nothing; it catches up when it is looked at again.
  if (document.visibilityState === "visible") timer = setTimeout(() => void beat(), EVERY);
}

function follow(now: PulseAnswer): void {
  const before = known;
  const back = broken.peek();
  known = now;
  misses = 0;
  batch(() => {
    broken.value = false;
    if (before === null) {
      if (back) restarted();
      return;
    }
    if (now.instance !== before.instance) restarted();
    else if (now.models !== before.models) changed();
    else if (back) retryExamples();
    if (now.selection !== before.selection) void readSelection();
    if (now.marks !== before.marks) {
      void readMarks();
      refreshExamples();
    }
  });
}

function restarted(): void {
  say("The board was started anew; the page shows it as it is now.");
  reload();
  void readViews();
  void readSelection();
}

function changed(): void {
  say("The model changed; its predictions are made anew.");
  reload();
}

/** The list comes after the board: whether predictions are under way is known by then. */
function reload(): void {
  void readMarks();
  void loadBoard().then(() => {
    reopenExamples();
    retryExamples();
  });
}
