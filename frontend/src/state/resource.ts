import { type ReadonlySignal, signal } from "@preact/signals";
import { ApiError, isAbort } from "../api/client";

export interface Loadable<T> {
  /** The newest answer; kept on screen while the next one is loading. */
  value: T | null;
  loading: boolean;
  error: ApiError | null;
}

export type Loader<T> = (signal: AbortSignal) => Promise<T>;

/** Something fetched: a new load aborts the one under way, so that a stale reply never lands. */
export class Resource<T> {
  readonly #state = signal<Loadable<T>>({ value: null, loading: false, error: null });
  #controller: AbortController | null = null;
  #loader: Loader<T> | null = null;

  get state(): ReadonlySignal<Loadable<T>> {
    return this.#state;
  }

  async load(loader: Loader<T>): Promise<void> {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.#loader = loader;
    this.#state.value = { value: this.#state.peek().value, loading: true, error: null };
    try {
      const value = await loader(controller.signal);
      if (!controller.signal.aborted) this.#state.value = { value, loading: false, error: null };
    } catch (error) {
      if (controller.signal.aborted || isAbort(error)) return;
      this.#state.value = {
        value: this.#state.peek().value,
        loading: false,
        error: asError(error),
      };
    }
  }

  /** Loads the same again. */
  retry(): void {
    if (this.#loader) void this.load(this.#loader);
  }

  /** Sets a value that is known without asking. */
  set(value: T | null): void {
    this.#controller?.abort();
    this.#state.value = { value, loading: false, error: null };
  }
}

/** Any thrown thing as an error with a sentence. */
export function asError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(
    "Something went wrong in this page",
    error instanceof Error ? error.message : String(error),
  );
}
