// Following one job on the server: its progress, what it has so far, and how it ends.

import { ApiError, get, remove } from "../api/client";
import { listen } from "../api/events";
import type { Job, JobProgress, ResultMeta } from "../api/types";

export interface Partial extends JobProgress {
  key: string;
  example: number;
  final: boolean;
  result?: ResultMeta;
}

export interface JobHandlers {
  progress: (progress: JobProgress) => void;
  partial: (partial: Partial) => void;
  done: (results: ResultMeta[]) => void;
  failed: (error: ApiError) => void;
  cancelled: () => void;
  /** The connection broke (true) or came back (false). */
  lost: (lost: boolean) => void;
}

const LAST = ["done", "failed", "cancelled"] as const;
const RETRY = 1500;

/** Follows a job until it ends. Survives a broken connection. Returns what stops following. */
export function followJob(id: string, handlers: JobHandlers): () => void {
  let stop = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const connect = () => {
    stop = listen(`api/jobs/${encodeURIComponent(id)}/events`, {
      last: LAST,
      on: handlersOf(handlers),
      lost: (closed) => {
        handlers.lost(true);
        if (closed) timer = setTimeout(ask, RETRY);
      },
    });
  };
  const ask = async () => {
    const job = await get<Job>(`api/jobs/${encodeURIComponent(id)}`).catch(asLost);
    if (stopped) return;
    if (job instanceof ApiError) handlers.failed(job);
    else if (job === null) timer = setTimeout(ask, RETRY);
    else if (!finish(job, handlers)) connect();
  };
  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    stop();
  };
}

export async function cancelJob(id: string): Promise<void> {
  await remove(`api/jobs/${encodeURIComponent(id)}`).catch(() => null);
}

function handlersOf(handlers: JobHandlers): Record<string, (data: unknown) => void> {
  return {
    progress: (data) => {
      handlers.lost(false);
      handlers.progress(data as JobProgress);
    },
    partial: (data) => handlers.partial(data as Partial),
    done: (data) => handlers.done((data as { results: ResultMeta[] }).results),
    failed: (data) => handlers.failed(problemOf(data as { title: string; detail?: string })),
    cancelled: () => handlers.cancelled(),
  };
}

function problemOf({ title, detail }: { title: string; detail?: string | null }): ApiError {
  return new ApiError(title, detail ?? null);
}

/** No answer at all: null, ask again. A refusal: the server no longer knows the job. */
function asLost(error: unknown): ApiError | null {
  if (!(error instanceof ApiError) || error.status === 0) return null;
  if (error.status !== 404) return error;
  return new ApiError(
    "The server no longer knows this computation",
    "It was started anew in the meantime. Run it again.",
  );
}

function finish(job: Job, handlers: JobHandlers): boolean {
  if (job.state === "done") handlers.done(job.results);
  else if (job.state === "failed")
    handlers.failed(new ApiError(job.error?.title ?? "The computation failed", job.error?.detail));
  else if (job.state === "cancelled") handlers.cancelled();
  else return false;
  return true;
}
