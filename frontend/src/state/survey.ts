// Several columns measured over a subsample: what it would cost, how far it is, and the table that comes of it.

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ApiError } from "../api/client";
import { post } from "../api/client";
import type {
  JobProgress,
  SurveyAnswer,
  SurveyEstimate,
  SurveyRequest,
  SurveyTable,
} from "../api/types";
import { cancelJob, followJob, type JobHandlers } from "./jobs";
import { asError } from "./resource";
import { canonical } from "./results";

export type { Mean, SurveyRequest, SurveyRow, SurveyTable } from "../api/types";

export type SurveyState =
  | "unknown"
  | "asking"
  /** The cost is known, and it waits for the person. */
  | "ready"
  | "running"
  | "done"
  | "failed"
  | "cancelled";

export interface Survey {
  readonly state: SurveyState;
  readonly estimate: SurveyEstimate | null;
  readonly job: string | null;
  readonly progress: JobProgress | null;
  /** The rows so far. */
  readonly table: SurveyTable | null;
  readonly error: ApiError | null;
  readonly lost: boolean;
}

const UNKNOWN: Survey = {
  state: "unknown",
  estimate: null,
  job: null,
  progress: null,
  table: null,
  error: null,
  lost: false,
};

const surveys = new Map<string, Signal<Survey>>();

export function surveyOf(request: SurveyRequest): Signal<Survey> {
  const key = canonical(request);
  const known = surveys.get(key);
  if (known) return known;
  const fresh = signal(UNKNOWN);
  surveys.set(key, fresh);
  return fresh;
}

/** What is asked, as the same object as long as it is the same. */
export function settled(
  asked: ReadonlySignal<SurveyRequest | null>,
): ReadonlySignal<SurveyRequest | null> {
  const key = computed(() => (asked.value ? canonical(asked.value) : null));
  return computed(() => (key.value === null ? null : (JSON.parse(key.value) as SurveyRequest)));
}

/** Learns what it would cost. What is stored is shown, and what is being measured is followed, unasked. */
export function openSurvey(request: SurveyRequest): () => void {
  const survey = surveyOf(request);
  const { state } = survey.peek();
  if (state === "done") return () => {};
  const follower = new Follower(survey, request);
  void follower.open();
  return () => follower.leave();
}

/** Measures what is left to measure. */
export function startSurvey(request: SurveyRequest): void {
  const survey = surveyOf(request);
  if (survey.peek().state !== "running") void following.get(survey)?.start();
}

/** What is measured already is kept. */
export function cancelSurvey(request: SurveyRequest): void {
  const { job } = surveyOf(request).peek();
  if (job) void cancelJob(job);
}

const following = new Map<Signal<Survey>, Follower>();

/** One page's look at one survey. The job goes on in the background when the person leaves. */
class Follower {
  #stop: () => void = () => {};
  #left = false;

  constructor(
    private readonly survey: Signal<Survey>,
    private readonly request: SurveyRequest,
  ) {
    following.set(survey, this);
  }

  async open(): Promise<void> {
    this.#change({ state: "asking", error: null });
    try {
      const estimate = await post<SurveyEstimate>("api/surveys/estimates", this.request);
      if (this.#left) return;
      this.#change({ estimate, state: "ready" });
      if (estimate.stored || estimate.job !== null) await this.start();
    } catch (error) {
      this.#fail(asError(error));
    }
  }

  async start(): Promise<void> {
    this.#change({ state: "running", progress: null, error: null, lost: false });
    try {
      const answer = await post<SurveyAnswer>("api/surveys", this.request);
      if (this.#left) return;
      if (answer.job) this.#follow(answer.job);
      else this.#done(answer.results ?? []);
    } catch (error) {
      this.#fail(asError(error));
    }
  }

  leave(): void {
    this.#left = true;
    this.#stop();
    if (following.get(this.survey) === this) following.delete(this.survey);
    if (this.survey.peek().state !== "done") {
      this.survey.value = { ...this.survey.peek(), state: "unknown", job: null };
    }
  }

  #follow(job: NonNullable<SurveyAnswer["job"]>): void {
    this.#change({ job: job.id, progress: job.progress });
    const handlers: JobHandlers = {
      progress: (progress) => this.#change({ progress, lost: false }),
      // A survey's results are tables, not attributions.
      partial: ({ result }) => this.#change({ table: (result ?? null) as SurveyTable | null }),
      done: (results) => this.#done(results as unknown as SurveyTable[]),
      failed: (error) => this.#fail(error),
      cancelled: () => this.#change({ state: "cancelled", job: null }),
      lost: (lost) => this.#change({ lost }),
    };
    this.#stop = followJob(job.id, handlers);
  }

  #done([table]: readonly SurveyTable[]): void {
    if (table) this.#change({ state: "done", table, job: null });
    else this.#fail(asError("The server's answer holds no table."));
  }

  #fail(error: ApiError): void {
    this.#change({ state: "failed", job: null, error });
  }

  #change(part: Partial<Survey>): void {
    if (!this.#left) this.survey.value = { ...this.survey.peek(), ...part };
  }
}
