// Tables that a background job makes of many examples: what one would cost, how far it is, and what comes of it.

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type ApiError, post } from "../api/client";
import type { Job, JobProgress } from "../api/types";
import { cancelJob, followJob, type JobHandlers } from "./jobs";
import { asError } from "./resource";
import { canonical } from "./results";

export type TableState =
  | "unknown"
  | "asking"
  /** The cost is known, and it waits for the person. */
  | "ready"
  | "running"
  | "done"
  | "failed"
  | "cancelled";

/** What every estimate says, whatever is made. */
export interface Estimated {
  readonly passes: number;
  readonly stored: boolean;
  readonly job: string | null;
}

export interface Made<Table, Estimate extends Estimated> {
  readonly state: TableState;
  readonly estimate: Estimate | null;
  readonly job: string | null;
  readonly progress: JobProgress | null;
  /** When the job was first heard of, in milliseconds. */
  readonly since: number;
  /** As far as it is told of. */
  readonly table: Table | null;
  readonly error: ApiError | null;
  readonly lost: boolean;
}

interface Answer<Table> {
  results?: Table[];
  job?: Pick<Job, "id" | "progress">;
}

const UNKNOWN = {
  state: "unknown",
  estimate: null,
  job: null,
  progress: null,
  since: 0,
  table: null,
  error: null,
  lost: false,
} as const;

/** All tables of one kind, each by what was asked. */
export class Tables<Request, Table, Estimate extends Estimated> {
  readonly #made = new Map<string, Signal<Made<Table, Estimate>>>();
  readonly #following = new Map<
    Signal<Made<Table, Estimate>>,
    Follower<Request, Table, Estimate>
  >();

  /** `path`: where the question is posted; its cost is asked for at `path`/estimates. */
  constructor(private readonly path: string) {}

  of(request: Request): Signal<Made<Table, Estimate>> {
    const key = canonical(request);
    const known = this.#made.get(key);
    if (known) return known;
    const fresh = signal<Made<Table, Estimate>>(UNKNOWN);
    this.#made.set(key, fresh);
    return fresh;
  }

  /** Learns what it would cost. What is stored is shown, and what is being made is followed, unasked. */
  open(request: Request): () => void {
    const made = this.of(request);
    if (made.peek().state === "done") return () => {};
    const follower = new Follower(made, request, this.path);
    this.#following.set(made, follower);
    void follower.open();
    return () => {
      follower.leave();
      if (this.#following.get(made) === follower) this.#following.delete(made);
    };
  }

  /** Makes what is left to make. */
  start(request: Request): void {
    const made = this.of(request);
    if (made.peek().state !== "running") void this.#following.get(made)?.start();
  }

  /** What is made already is kept. */
  cancel(request: Request): void {
    const { job } = this.of(request).peek();
    if (job) void cancelJob(job);
  }
}

/** What is asked, as the same object as long as it is the same. */
export function settled<Request>(
  asked: ReadonlySignal<Request | null>,
): ReadonlySignal<Request | null> {
  const key = computed(() => (asked.value ? canonical(asked.value) : null));
  return computed(() => (key.value === null ? null : (JSON.parse(key.value) as Request)));
}

/** One page's look at one table. The job goes on in the background when the person leaves. */
class Follower<Request, Table, Estimate extends Estimated> {
  #stop: () => void = () => {};
  #left = false;

  constructor(
    private readonly made: Signal<Made<Table, Estimate>>,
    private readonly request: Request,
    private readonly path: string,
  ) {}

  async open(): Promise<void> {
    this.#change({ state: "asking", error: null, lost: false });
    try {
      const estimate = await post<Estimate>(`${this.path}/estimates`, this.request);
      if (this.#left) return;
      const known = estimate.stored || estimate.job !== null;
      this.#change({ estimate, state: known ? "asking" : "ready" });
      if (known) await this.#ask();
    } catch (error) {
      this.#fail(asError(error));
    }
  }

  async start(): Promise<void> {
    this.#change({ state: "running", progress: null, since: Date.now(), error: null, lost: false });
    await this.#ask();
  }

  async #ask(): Promise<void> {
    try {
      const answer = await post<Answer<Table>>(this.path, this.request);
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
    if (this.made.peek().state !== "done") {
      this.made.value = { ...this.made.peek(), state: "unknown", job: null };
    }
  }

  #follow(job: Pick<Job, "id" | "progress">): void {
    const since = this.made.peek().since || Date.now();
    this.#change({ state: "running", job: job.id, progress: job.progress, since });
    const handlers: JobHandlers = {
      progress: (progress) => this.#change({ progress, lost: false }),
      // The results of such a job are tables, not attributions.
      partial: ({ result }) => this.#change({ table: (result ?? null) as Table | null }),
      done: (results) => this.#done(results as unknown as Table[]),
      failed: (error) => this.#fail(error),
      cancelled: () => this.#change({ state: "cancelled", job: null }),
      lost: (lost) => this.#change({ lost }),
    };
    this.#stop = followJob(job.id, handlers);
  }

  #done([table]: readonly Table[]): void {
    if (table) this.#change({ state: "done", table, job: null });
    else this.#fail(asError("The server's answer holds no table."));
  }

  #fail(error: ApiError): void {
    this.#change({ state: "failed", job: null, error });
  }

  #change(part: Partial<Made<Table, Estimate>>): void {
    if (!this.#left) this.made.value = { ...this.made.peek(), ...part };
  }
}
