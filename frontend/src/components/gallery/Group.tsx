import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface GroupProps {
  title: string;
  /** Starts with its content out of sight. */
  folded?: boolean;
  children: ComponentChildren;
}

/** A titled part of the sidebar that folds away. */
export function Group({ title, folded = false, children }: GroupProps) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? !folded;
  return (
    <section class="facet-group" aria-label={title}>
      <h3>
        <button
          type="button"
          class="facet-title"
          aria-expanded={open}
          onClick={() => setChosen(!open)}
        >
          {title}
        </button>
      </h3>
      {open && children}
    </section>
  );
}
