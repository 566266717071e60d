import { type ReadonlySignal, signal } from "@preact/signals";
import type { ApiError } from "../api/client";
import { asError } from "./resource";

export interface Page<T> {
  items: T[];
  total: number;
  next: string | null;
}

export type FetchPage<T> = (
  source: string,
  cursor: string | null,
  limit: number,
  signal: AbortSignal,
) => Promise<Page<T>>;

export interface Listing<T> {
  /** What was asked for; the items of an earlier question stay until the first page arrives. */
  source: string;
  /** Grows in place; read it through the signal that holds it. */
  items: readonly T[];
  total: number;
  cursor: string | null;
  loading: boolean;
  /** Whether the items still belong to an earlier question. */
  stale: boolean;
  error: ApiError | null;
}

const EMPTY = {
  source: "",
  items: [],
  total: 0,
  cursor: null,
  loading: false,
  stale: true,
  error: null,
};

/** A list read page by page, only as far as someone looks. One request at a time. */
export class Pages<T> {
  readonly #state = signal<Listing<T>>(EMPTY);
  #wanted = 0;
  #controller = new AbortController();

  /** `sizes`: items a page when near to what is wanted, and when far from it. */
  constructor(
    private readonly fetchPage: FetchPage<T>,
    private readonly sizes: { near: number; far: number },
  ) {}

  get state(): ReadonlySignal<Listing<T>> {
    return this.#state;
  }

  /** Starts another list. The same source again changes nothing. */
  open(source: string): void {
    if (source === this.#state.peek().source) return;
    this.#abort();
    this.#wanted = 0;
    this.#patch({ source, cursor: null, stale: true, error: null });
    void this.#run();
  }

  /** Asks for at least `count` items, as far as there are so many. */
  want(count: number): void {
    this.#wanted = count;
    const { loading, error } = this.#state.peek();
    if (!loading && !error) void this.#run();
  }

  /** Goes on after a failure. */
  retry(): void {
    this.#patch({ error: null });
    void this.#run();
  }

  /** Reads the first page again where the order cannot have changed, and updates its items in place. */
  async refresh(): Promise<void> {
    const { source, items, stale, loading } = this.#state.peek();
    if (stale || loading || items.length === 0) return;
    const limit = Math.min(items.length, this.sizes.far);
    const signal = this.#controller.signal;
    const page = await this.fetchPage(source, null, limit, signal).catch(() => null);
    if (!page || signal.aborted) return;
    const now = this.#state.peek();
    this.#patch({
      items: [...page.items, ...now.items.slice(page.items.length)],
      total: page.total,
    });
  }

  /** Reads the list anew from its start; the old items stay until the first page arrives. */
  reopen(): void {
    const { source } = this.#state.peek();
    this.#abort();
    this.#patch({ source: "" });
    this.open(source);
  }

  /** Puts another item in the place of each, such as one with more tags. */
  change(change: (item: T) => T): void {
    this.#patch({ items: this.#state.peek().items.map(change) });
  }

  async #run(): Promise<void> {
    const signal = this.#controller.signal;
    try {
      for (let next = this.#next(); next > 0 && !signal.aborted; next = this.#next()) {
        this.#patch({ loading: true });
        const { source, cursor } = this.#state.peek();
        const page = await this.fetchPage(source, cursor, next, signal);
        if (signal.aborted) return;
        this.#add(page);
      }
      if (!signal.aborted) this.#patch({ loading: false });
    } catch (error) {
      if (!signal.aborted) this.#patch({ loading: false, error: asError(error) });
    }
  }

  /** How many items to ask for next; 0 where enough are there. */
  #next(): number {
    const { items, stale, cursor } = this.#state.peek();
    if (stale) return this.sizes.near;
    if (cursor === null) return 0;
    const missing = this.#wanted - items.length;
    if (missing <= 0) return 0;
    return missing > 2 * this.sizes.near ? this.sizes.far : this.sizes.near;
  }

  #add(page: Page<T>): void {
    const before = this.#state.peek();
    const items = before.stale ? page.items : (before.items as T[]);
    if (!before.stale) items.push(...page.items);
    this.#patch({ items, total: page.total, cursor: page.next, stale: false });
  }

  #abort(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#patch({ loading: false });
  }

  #patch(patch: Partial<Listing<T>>): void {
    this.#state.value = { ...this.#state.peek(), ...patch };
  }
}
