import type { ComponentChildren } from "preact";
import { percent } from "../../lib/scale";
import { CheckBadge } from "./CheckBadge";

interface PanelProps {
  title: string;
  /** What readers call it, where the title alone does not tell it apart. */
  label?: string;
  note?: string;
  /** The input's part of the strength of all inputs, null where it is the only one; left out, this is no heat map. */
  share?: number | null;
  tools?: ComponentChildren;
  /** What is inside belongs to other settings, and is about to be replaced. */
  stale?: boolean;
  children: ComponentChildren;
}

export function Panel(props: PanelProps) {
  const { title, note, share, tools, stale = false, children } = props;
  return (
    <section
      class={`panel ${stale ? "stale" : ""}`}
      aria-label={props.label ?? title}
      aria-busy={stale}
    >
      <header class="panel-head">
        <h2 dir="auto">{title}</h2>
        {note && <span class="muted num">{note}</span>}
        {share != null && (
          <span
            class="muted num"
            title="The sum of this input's attributions without their signs, over that of all inputs. Each input is drawn in its own scale."
          >
            {percent(share, share < 0.1 ? 1 : 0)} of all strength
          </span>
        )}
        <span class="grow" />
        {share !== undefined && <CheckBadge />}
        {tools}
      </header>
      {children}
    </section>
  );
}
