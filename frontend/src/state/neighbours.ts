/** The examples nearest to one in the model's last layer; the one in the address as `near`. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { get } from "../api/client";
import type { ExampleItem, Job, JobProgress } from "../api/types";
import { board, modelName } from "./board";
import { cancelJob, followJob } from "./jobs";
import { Resource } from "./resource";
import { integer, query, view } from "./url";

export interface Neighbour {
  similarity: number;
  item: ExampleItem;
}

interface Answer {
  neighbours?: Neighbour[];
  job?: Job;
}

/** The features are worked out once for all examples; until then, how far that is. */
export interface FeatureRun {
  id: string;
  progress: JobProgress;
  lost: boolean;
}

const found = new Resource<readonly Neighbour[] | null>();
const current = signal<FeatureRun | null>(null);
const stopped = signal(false);
let leave = () => {};

export const near: ReadonlySignal<number | null> = computed(() => integer(query.value, "near"));
export const neighbours = found.state;
export const featureRun: ReadonlySignal<FeatureRun | null> = current;
/** Whether a person cancelled the computation. */
export const featuresStopped: ReadonlySignal<boolean> = stopped;

export function startNeighbours(): void {
  effect(() => {
    const index = near.value;
    const model = modelName.value;
    leave();
    if (!board.value || index === null || view.value !== "examples") return;
    ask(index, model);
  });
}

/** Asks again, after a failure or a cancel. */
export function retryNeighbours(): void {
  const index = near.peek();
  if (index !== null) ask(index, modelName.peek());
}

export function cancelFeatures(): void {
  const run = current.peek();
  if (run) void cancelJob(run.id);
}

function ask(index: number, model: string | null): void {
  stopped.value = false;
  current.value = null;
  void found.load(async (abort) => {
    const request = new URLSearchParams(model === null ? {} : { model });
    const path = `api/examples/${index}/neighbours`;
    const answer = await get<Answer>(path, { query: request, signal: abort });
    if (answer.job && !abort.aborted) await end(answer.job, abort);
    if (!answer.job || stopped.peek()) return answer.neighbours ?? null;
    return (await get<Answer>(path, { query: request, signal: abort })).neighbours ?? null;
  });
}

/** Resolves when the job is done or cancelled, and fails as it does. */
function end(job: Job, abort: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const change = (part: Partial<FeatureRun>) => {
      if (!abort.aborted) current.value = { ...(current.peek() as FeatureRun), ...part };
    };
    const over = () => {
      if (!abort.aborted) current.value = null;
      resolve();
    };
    current.value = { id: job.id, progress: job.progress, lost: false };
    leave = followJob(job.id, {
      progress: (progress) => change({ progress, lost: false }),
      partial: () => {},
      done: over,
      failed: (error) => {
        over();
        reject(error);
      },
      cancelled: () => {
        if (!abort.aborted) stopped.value = true;
        over();
      },
      lost: (lost) => change({ lost }),
    });
    abort.addEventListener("abort", leave);
  });
}
