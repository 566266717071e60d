import type { ComponentChildren } from "preact";
import { href, navigate, type Patch } from "../state/url";

interface ViewLinkProps {
  to: Patch;
  children: ComponentChildren;
  class?: string;
  title?: string;
  label?: string;
}

/** A link to the same page with some of its address changed; other tabs and windows work too. */
export function ViewLink({ to, children, class: name, title, label }: ViewLinkProps) {
  return (
    <a
      href={href(to)}
      class={name}
      title={title}
      aria-label={label}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </a>
  );
}
