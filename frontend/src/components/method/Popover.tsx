import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

/** The pane keeps this far from the edge of the window. */
const MARGIN = 8;

interface PopoverProps {
  title: string;
  /** What the button says. */
  text: ComponentChildren;
  /** Something inside is not valid: the button shows it, too. */
  invalid?: boolean;
  /** Keeps its width where the line is short. */
  firm?: boolean;
  children: ComponentChildren;
}

/** A button that opens a small pane below it. Escape and a press elsewhere close it. */
export function Popover(props: PopoverProps) {
  const { title, text, invalid = false, firm = false, children } = props;
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => (open ? closeOutside(root.current, () => setOpen(false)) : undefined), [open]);
  useLayoutEffect(() => {
    if (open) keepInside(root.current?.querySelector(".popover-pane"));
  }, [open]);
  const close = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape from anything inside closes the pane.
    <div class={`popover ${firm ? "firm" : ""}`} ref={root} onKeyDown={close}>
      <button
        type="button"
        class={`btn ${invalid ? "invalid" : ""}`}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {text}
        <span aria-hidden="true" class="caret" />
      </button>
      {open && (
        <section class="popover-pane" id={id} aria-label={title}>
          {children}
        </section>
      )}
    </div>
  );
}

/** Moves a pane that would go over the right edge of the window, or of the part that scrolls around it. */
function keepInside(pane: HTMLElement | null | undefined): void {
  if (!pane) return;
  const over = pane.getBoundingClientRect().right + MARGIN - edgeAround(pane);
  pane.style.marginInlineStart = over > 0 ? `${-over}px` : "";
}

function edgeAround(pane: HTMLElement): number {
  let edge = document.documentElement.clientWidth;
  for (let around = pane.parentElement; around; around = around.parentElement) {
    if (getComputedStyle(around).overflowX === "visible") continue;
    edge = Math.min(edge, around.getBoundingClientRect().right);
  }
  return edge;
}

function closeOutside(root: HTMLElement | null, close: () => void): () => void {
  const handle = (event: Event) => {
    if (!root?.contains(event.target as Node)) close();
  };
  addEventListener("pointerdown", handle);
  addEventListener("focusin", handle);
  return () => {
    removeEventListener("pointerdown", handle);
    removeEventListener("focusin", handle);
  };
}
