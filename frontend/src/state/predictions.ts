/** The background job that predicts every example; the gallery works while it runs. */
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { remove } from "../api/client";
import { listen } from "../api/events";
import type { JobProgress } from "../api/types";
import { board, loadBoard } from "./board";
import { filter, refreshExamples, reopenExamples } from "./examples";
import { isSettled } from "./filter";

const REFRESH_MS = 2000;
const RETRY_MS = 5000;

export interface PredictionRun {
  id: string;
  progress: JobProgress;
  state: "running" | "done" | "failed" | "cancelled";
  /** Why it failed. */
  reason: string | null;
  /** Whether the connection is lost for now; the browser tries again by itself. */
  lost: boolean;
}

const current = signal<PredictionRun | null>(null);
/** Whether the list on screen was made before all predictions were known, and may have grown. */
const outdated = signal(false);

export const predictionRun: ReadonlySignal<PredictionRun | null> = current;
export const listOutdated: ReadonlySignal<boolean> = outdated;

export function startPredictions(): void {
  effect(() => {
    const id = board.value?.catalog.job ?? null;
    if (id !== null && current.peek()?.id !== id) follow(id);
  });
}

export async function cancelPredictions(): Promise<void> {
  const run = current.peek();
  if (run) await remove(`api/jobs/${run.id}`).catch(() => undefined);
}

/** Shows the list as the predictions known by now have it. */
export function updateList(): void {
  outdated.value = false;
  reopenExamples();
}

function follow(id: string): void {
  current.value = {
    id,
    progress: { done: 0, total: 0 },
    state: "running",
    reason: null,
    lost: false,
  };
  let refreshed = Date.now();
  const end = (state: "done" | "failed" | "cancelled", reason: string | null = null) => {
    change({ state, reason });
    refresh();
    void loadBoard();
  };
  listen(`api/jobs/${id}/events`, {
    last: ["done", "failed", "cancelled"],
    on: {
      progress: (data) => {
        change({ progress: data as JobProgress, lost: false });
        if (Date.now() - refreshed < REFRESH_MS) return;
        refreshed = Date.now();
        refresh();
      },
      done: () => end("done"),
      cancelled: () => end("cancelled"),
      failed: (data) => end("failed", reasonOf(data)),
    },
    lost: (closed) => {
      change({ lost: true });
      if (closed) setTimeout(again, RETRY_MS);
    },
  });
}

function refresh(): void {
  outdated.value = !isSettled(filter.peek());
  refreshExamples();
}

/** Asks whether the job still runs, after the browser gave up on its events. */
function again(): void {
  current.value = null;
  void loadBoard();
}

function change(patch: Partial<PredictionRun>): void {
  const run = current.peek();
  if (run) current.value = { ...run, ...patch };
}

function reasonOf(data: unknown): string | null {
  const { title, detail } = (data ?? {}) as { title?: string; detail?: string };
  return detail ?? title ?? null;
}
