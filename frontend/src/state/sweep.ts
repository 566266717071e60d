/** One sweep as the page follows it: what it covers and lacks, its job, and how that goes. */
import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type ApiError, post } from "../api/client";
import type { Job, Sweep, SweepDone, SweepRequest } from "../api/types";
import { loadBoard } from "./board";
import { reopenExamples } from "./examples";
import { cancelJob, followJob } from "./jobs";
import { asError, Resource } from "./resource";

const REFRESH_MS = 2000;

export interface SweepRun {
  readonly id: string;
  readonly done: number;
  readonly total: number;
  /** When it was first heard of, in milliseconds. */
  readonly since: number;
  readonly lost: boolean;
}

const resource = new Resource<Sweep>();
const asked = signal<SweepRequest | null>(null);
const current = signal<SweepRun | null>(null);
const failure = signal<ApiError | null>(null);
const ended = signal<readonly SweepDone[]>([]);
/** Grows whenever there may be new numbers. */
const news = signal(0);

/** Alone, so that progress does not end the connection that tells of it. */
const runId = computed(() => current.value?.id ?? null);

export const sweepState = resource.state;
export const sweepRun: ReadonlySignal<SweepRun | null> = current;
export const sweepFailure: ReadonlySignal<ApiError | null> = failure;
export const sweepNews: ReadonlySignal<number> = news;

/** Examples that the last run could not compute, with the reason. */
export const sweepErrors = computed(() => ended.value.flatMap(({ errors }) => errors));

/** Follows what `request` asks for, and a job that computes it already. Returns what ends that. */
export function followSweep(request: ReadonlySignal<SweepRequest | null>): () => void {
  let stop = () => {};
  const leave = () => {
    stop();
    stop = () => {};
  };
  const ends = [
    effect(() => {
      const next = request.value;
      leave();
      batch(() => {
        asked.value = next;
        current.value = null;
        failure.value = null;
        ended.value = [];
      });
      if (next) void read(next);
    }),
    effect(() => {
      const id = runId.value;
      leave();
      if (id !== null) stop = followRun(id);
    }),
  ];
  return () => {
    for (const end of ends) end();
    leave();
    current.value = null;
  };
}

/** Starts the job, or goes on with what one left undone. */
export async function startSweep(): Promise<void> {
  const request = asked.peek();
  if (!request || current.peek()) return;
  failure.value = null;
  ended.value = [];
  try {
    const answer = await post<{ job?: Job } & Partial<Sweep>>("api/sweeps", request);
    if (asked.peek() !== request) return;
    if (answer.job) begin(answer.job.id);
    else void read(request);
  } catch (error) {
    failure.value = asError(error);
  }
}

export function cancelSweep(): void {
  const run = current.peek();
  if (run) void cancelJob(run.id);
}

export function retrySweep(): void {
  resource.retry();
}

async function read(request: SweepRequest): Promise<void> {
  await resource.load((signal) => post<Sweep>("api/sweeps/state", request, { signal }));
  const job = resource.state.peek().value?.job;
  if (job && asked.peek() === request && !resource.state.peek().error) begin(job);
}

function begin(id: string): void {
  if (current.peek()?.id === id) return;
  current.value = { id, done: 0, total: 0, since: Date.now(), lost: false };
}

function followRun(id: string): () => void {
  let refreshed = Date.now();
  const change = (patch: Partial<SweepRun>) => {
    const run = current.peek();
    if (run?.id === id) current.value = { ...run, ...patch };
  };
  return followJob(id, {
    progress: ({ done, total }) => {
      change({ done, total, lost: false });
      if (Date.now() - refreshed < REFRESH_MS) return;
      refreshed = Date.now();
      news.value += 1;
      resource.retry();
    },
    partial: () => {},
    done: (results) => finish(() => (ended.value = results as unknown as SweepDone[])),
    failed: (error) => finish(() => (failure.value = error)),
    cancelled: () => finish(),
    lost: (lost) => change({ lost }),
  });
}

/** The numbers are columns now: the board lists them, and the gallery may be sorted by one. */
function finish(note: () => void = () => {}): void {
  batch(() => {
    current.value = null;
    news.value += 1;
    note();
  });
  resource.retry();
  void loadBoard();
  reopenExamples();
}
