import type { ComponentChildren } from "preact";
import type { Loadable } from "../../state/resource";
import { Notice } from "../Notice";

interface SectionProps<T> {
  title: string;
  /** A few words beside the title. */
  note?: ComponentChildren;
  state: Loadable<T>;
  retry: () => void;
  children: (value: T) => ComponentChildren;
}

/** A panel with its figures: what is loading, what failed with a retry, and what there is. */
export function Section<T>({ title, note, state, retry, children }: SectionProps<T>) {
  const { value, error, loading } = state;
  return (
    <section class="mod-panel" aria-label={title} aria-busy={loading && value === null}>
      <h2>
        {title} {note && <small class="muted">{note}</small>}
      </h2>
      <div class="mod-body">
        {error && <Notice error={error} retry={retry} />}
        {value !== null ? children(value) : !error && <p class="muted">Counting…</p>}
      </div>
    </section>
  );
}
