import type { ComponentChildren } from "preact";
import { count } from "../lib/format";
import { board } from "../state/board";
import { setTheme, type Theme, theme } from "../state/theme";
import { href, navigate, type ViewName, view } from "../state/url";
import { Select } from "./Select";

const VIEWS: readonly { id: ViewName; title: string }[] = [
  { id: "examples", title: "Examples" },
  { id: "explain", title: "Explain" },
];

const THEMES = [
  { id: "system", title: "Theme: system" },
  { id: "light", title: "Theme: light" },
  { id: "dark", title: "Theme: dark" },
];

export function Shell({ children }: { children: ComponentChildren }) {
  const info = board.value;
  return (
    <div class="shell">
      <header class="shell-header">
        <span class="brand">AttriBoard</span>
        {info && (
          <span class="board-name num">
            {info.name} · {count(info.size, "example")}
          </span>
        )}
        <nav class="shell-nav" aria-label="Views">
          {VIEWS.map((item) => (
            <ViewLink key={item.id} {...item} />
          ))}
        </nav>
        <span class="grow" />
        <div class="shell-tools">
          <Select
            label="Theme"
            options={THEMES}
            value={theme.value}
            onChange={(id) => setTheme(id as Theme)}
          />
        </div>
      </header>
      <main class="shell-main" id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function ViewLink({ id, title }: { id: ViewName; title: string }) {
  const patch = { view: id === "examples" ? null : id };
  return (
    <a
      href={href(patch)}
      aria-current={view.value === id ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        navigate(patch);
      }}
    >
      {title}
    </a>
  );
}
