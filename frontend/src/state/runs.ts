// One run for each request of this session: asked for once, followed while it computes, shown again without asking.

import { type Signal, signal } from "@preact/signals";
import type { ApiError } from "../api/client";
import { post } from "../api/client";
import type {
  AttributionRequest,
  AttributionsAnswer,
  Estimate,
  JobProgress,
  ResultMeta,
} from "../api/types";
import { cancelJob, followJob, type Partial } from "./jobs";
import { asError } from "./resource";
import { type Arrays, canonical, loadArrays, type Result, sizeOf } from "./results";

export type RunState =
  | "new"
  | "asking"
  /** Too many passes to start without being asked. */
  | "held"
  | "running"
  | "done"
  | "failed"
  | "cancelled";

export interface Run {
  readonly state: RunState;
  readonly request: AttributionRequest;
  /** The person pressed Run; what started by itself ends when they turn away. */
  readonly wanted: boolean;
  readonly passes: number | null;
  readonly job: string | null;
  readonly progress: JobProgress | null;
  /** Attributions so far. */
  readonly snapshot: Arrays | null;
  readonly result: Result | null;
  readonly error: ApiError | null;
  readonly lost: boolean;
}

/** A computation of more passes than this waits for the person to press Run. */
export const PASSES_UNASKED = 2000;
/** How long a run that started by itself goes on after the person turned away from it. */
const GRACE = 400;

/** Bytes of results kept in memory. */
const ROOM = 128 * 1024 * 1024;

const runs = new Map<string, Signal<Run>>();
const leaving = new Map<string, ReturnType<typeof setTimeout>>();
/** What ends the reading of snapshots: the server forgets them when their job ends. */
const reading = new WeakMap<Signal<Run>, AbortController>();

export function requestKey(request: AttributionRequest): string {
  return canonical(request);
}

export function runOf(request: AttributionRequest): Signal<Run> {
  const key = requestKey(request);
  const known = runs.get(key);
  if (known) return known;
  const fresh = signal(blank(request));
  runs.set(key, fresh);
  return fresh;
}

/** Sees to it that a request is computed or under way. `cheap`: known to cost little, so nothing is asked first. */
export function startRun(request: AttributionRequest, wanted: boolean, cheap: boolean): void {
  const run = runOf(request);
  stay(requestKey(request));
  const { state } = run.peek();
  if (state === "asking" || state === "running") {
    if (wanted) change(run, { wanted });
  } else if (state === "new" || (wanted && state !== "done")) {
    run.value = { ...blank(request), state: "asking", wanted };
    void launch(run, wanted || cheap);
  }
}

/** The person looks at something else: what nobody asked for ends soon, what they asked for goes on. */
export function leaveRun(request: AttributionRequest): void {
  const key = requestKey(request);
  const run = runs.get(key);
  if (!run || run.peek().wanted || !isLive(run.peek())) return;
  stay(key);
  leaving.set(
    key,
    setTimeout(() => {
      if (!isLive(run.peek())) return;
      cancelRun(request);
      runs.delete(key);
    }, GRACE),
  );
}

export function cancelRun(request: AttributionRequest): void {
  const run = runOf(request);
  const { job } = run.peek();
  reading.get(run)?.abort();
  if (job) void cancelJob(job);
  change(run, { state: "cancelled", job: null, snapshot: null });
}

/** Whether the result is here already, so that nothing needs to be asked about it. */
export function isDone(request: AttributionRequest): boolean {
  return runs.get(requestKey(request))?.peek().state === "done";
}

export function isLive({ state }: Run): boolean {
  return state === "asking" || state === "running";
}

function stay(key: string): void {
  clearTimeout(leaving.get(key));
  leaving.delete(key);
}

function blank(request: AttributionRequest): Run {
  return {
    state: "new",
    request,
    wanted: false,
    passes: null,
    job: null,
    progress: null,
    snapshot: null,
    result: null,
    error: null,
    lost: false,
  };
}

function change(run: Signal<Run>, part: { [K in keyof Run]?: Run[K] }): void {
  run.value = { ...run.peek(), ...part };
}

async function launch(run: Signal<Run>, atOnce: boolean): Promise<void> {
  const { request } = run.peek();
  try {
    if (!atOnce && (await tooMuch(run))) return;
    const answer = await post<AttributionsAnswer>("api/attributions", request);
    if (!answer.job) await finish(run, answer.results ?? []);
    else if (isLive(run.peek())) follow(run, answer.job.id, answer.job.progress);
    else void cancelJob(answer.job.id);
  } catch (error) {
    fail(run, asError(error));
  }
}

async function tooMuch(run: Signal<Run>): Promise<boolean> {
  const estimate = await post<Estimate>("api/estimates", run.peek().request);
  if (!isLive(run.peek())) return true;
  const cheap = estimate.passes <= PASSES_UNASKED || estimate.stored >= estimate.examples;
  if (cheap || run.peek().wanted) return false;
  change(run, { state: "held", passes: estimate.passes });
  return true;
}

function follow(run: Signal<Run>, job: string, progress: JobProgress): void {
  change(run, { state: "running", job, progress });
  const snapshots = snapshotReader(run);
  followJob(job, {
    progress: (next) => change(run, { progress: next, lost: false }),
    partial: (partial) => {
      if (!partial.final) snapshots(partial);
    },
    done: (results) => void finish(run, results).catch((error) => fail(run, asError(error))),
    failed: (error) => fail(run, error),
    cancelled: () => {
      if (isLive(run.peek())) change(run, { state: "cancelled", job: null, snapshot: null });
    },
    lost: () => change(run, { lost: true }),
  });
}

/** Fetches snapshots one at a time; while one is on its way only the newest of the rest is kept. */
function snapshotReader(run: Signal<Run>): (partial: Partial) => void {
  let busy = false;
  let next: Partial | null = null;
  const controller = new AbortController();
  reading.set(run, controller);
  const read = async (partial: Partial) => {
    busy = true;
    const arrays = await loadArrays(partial.key, controller.signal).catch(() => null);
    busy = false;
    if (run.peek().state !== "running") return;
    if (arrays) change(run, { snapshot: arrays });
    const waiting = next;
    next = null;
    if (waiting) void read(waiting);
  };
  return (partial) => {
    if (busy) next = partial;
    else void read(partial);
  };
}

async function finish(run: Signal<Run>, results: readonly ResultMeta[]): Promise<void> {
  const example = run.peek().request.examples[0];
  const meta = results.find((result) => result.example === example);
  if (!meta) throw new Error("The server's answer holds no result for this example.");
  reading.get(run)?.abort();
  const arrays = await loadArrays(meta.key);
  if (!isLive(run.peek())) return;
  change(run, { state: "done", job: null, result: { meta, arrays }, snapshot: null });
  makeRoom();
}

function fail(run: Signal<Run>, error: ApiError): void {
  if (isLive(run.peek())) change(run, { state: "failed", job: null, error, snapshot: null });
}

/** Forgets the oldest results beyond the room there is; the server still has them. */
function makeRoom(): void {
  let room = ROOM;
  for (const [key, run] of [...runs].reverse()) {
    const { result } = run.peek();
    room -= result ? sizeOf(result.arrays) : 0;
    if (result && room < 0) runs.delete(key);
  }
}
