import type { ComponentChildren } from "preact";

interface PanelProps {
  title: string;
  note?: string;
  tools?: ComponentChildren;
  /** What is inside belongs to other settings, and is about to be replaced. */
  stale?: boolean;
  children: ComponentChildren;
}

export function Panel({ title, note, tools, stale = false, children }: PanelProps) {
  return (
    <section class={`panel ${stale ? "stale" : ""}`} aria-label={title} aria-busy={stale}>
      <header class="panel-head">
        <h2 dir="auto">{title}</h2>
        {note && <span class="muted num">{note}</span>}
        <span class="grow" />
        {tools}
      </header>
      {children}
    </section>
  );
}
