// How far attributions can be trusted: measured on request, a few at a time, and kept for the session.

import { type Signal, signal } from "@preact/signals";
import type { ApiError } from "../api/client";
import { post } from "../api/client";
import type { AttributionRequest, JobProgress, Measured, MetricsAnswer } from "../api/types";
import { cancelJob, followJob } from "./jobs";
import { asError } from "./resource";
import { requestKey } from "./runs";

export type { Curve, Measured } from "../api/types";

/** Attributions, and what to measure of them; their faithfulness where that is left out. */
export type MeasureRequest = AttributionRequest & { metrics?: "randomisation"[] };

export interface Measure {
  readonly state: "none" | "waiting" | "running" | "done" | "failed" | "cancelled";
  readonly job: string | null;
  readonly progress: JobProgress | null;
  readonly measured: Measured | null;
  readonly error: ApiError | null;
}

/** Each running job holds a connection open, and a browser has six of them for a server. */
const AT_ONCE = 2;

const NONE: Measure = { state: "none", job: null, progress: null, measured: null, error: null };
const measures = new Map<string, Signal<Measure>>();
let waiting: MeasureRequest[] = [];
let running = 0;

export function measureOf(request: MeasureRequest): Signal<Measure> {
  const key = requestKey(request);
  const known = measures.get(key);
  if (known) return known;
  const fresh = signal(NONE);
  measures.set(key, fresh);
  return fresh;
}

/** The randomisation check of these attributions. */
export function checkOf(request: AttributionRequest): MeasureRequest {
  return { ...request, metrics: ["randomisation"] };
}

/** Measures what is not measured, or under way, already. */
export function startMeasure(request: MeasureRequest): void {
  const measure = measureOf(request);
  const { state } = measure.peek();
  if (state === "waiting" || state === "running" || state === "done") return;
  measure.value = { ...NONE, state: "waiting" };
  waiting.push(request);
  next();
}

export function cancelMeasure(request: MeasureRequest): void {
  const measure = measureOf(request);
  const { state, job } = measure.peek();
  const key = requestKey(request);
  waiting = waiting.filter((other) => requestKey(other) !== key);
  measure.value = { ...NONE, state: "cancelled" };
  if (job) void cancelJob(job);
  if (state === "running") end();
}

function next(): void {
  const request = running < AT_ONCE ? waiting.shift() : undefined;
  if (!request) return;
  running += 1;
  const measure = measureOf(request);
  measure.value = { ...NONE, state: "running" };
  void launch(measure, request);
  next();
}

function end(): void {
  running -= 1;
  next();
}

async function launch(measure: Signal<Measure>, request: MeasureRequest): Promise<void> {
  const mine = measure.peek();
  const change = (part: Partial<Measure>) => {
    measure.value = { ...measure.peek(), ...part };
  };
  const finish = (part: Partial<Measure>) => {
    if (measure.peek().state !== "running") return;
    change({ job: null, ...part });
    end();
  };
  const found = (results: readonly Measured[]) => {
    const [measured] = results;
    if (measured) finish({ state: "done", measured });
    else finish({ state: "failed", error: asError("The server's answer holds no figures.") });
  };
  try {
    const answer = await post<MetricsAnswer>("api/metrics", request);
    if (measure.peek() !== mine) {
      if (answer.job) void cancelJob(answer.job.id);
    } else if (!answer.job) {
      found(answer.results ?? []);
    } else {
      change({ job: answer.job.id, progress: answer.job.progress });
      followJob(answer.job.id, {
        progress: (progress) => measure.peek().state === "running" && change({ progress }),
        partial: () => {},
        // A measuring job's results are figures, not attributions.
        done: (results) => found(results as unknown as Measured[]),
        failed: (error) => finish({ state: "failed", error }),
        cancelled: () => finish({ state: "cancelled" }),
        lost: () => {},
      });
    }
  } catch (error) {
    if (measure.peek() === mine) finish({ state: "failed", error: asError(error) });
  }
}
