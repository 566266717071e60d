import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { count } from "../lib/format";
import { board } from "../state/board";
import { drawerOpen } from "../state/gallery";
import { bindKeys } from "../state/keys";
import { copyLink } from "../state/link";
import { narrow } from "../state/screen";
import { setTheme, type Theme, theme } from "../state/theme";
import { href, navigate, type ViewName, view } from "../state/url";
import { About } from "./About";
import { Button } from "./Button";
import { KeySheet } from "./KeySheet";
import { Lost } from "./Lost";
import { ModelChoice } from "./ModelChoice";
import { Palette } from "./Palette";
import { Select } from "./Select";
import { Toast } from "./Toast";

const VIEWS: readonly { id: ViewName; title: string }[] = [
  { id: "examples", title: "Examples" },
  { id: "explain", title: "Explain" },
  { id: "compare", title: "Compare" },
  { id: "modalities", title: "Modalities" },
  { id: "dataset", title: "Dataset" },
  { id: "trust", title: "Trust" },
];

const THEMES = [
  { id: "system", title: "System theme" },
  { id: "light", title: "Light theme" },
  { id: "dark", title: "Dark theme" },
];

/** What surrounds every view: the board's name, the views, and the tools that work everywhere. */
export function Shell({ children }: { children: ComponentChildren }) {
  const info = board.value;
  const [keysShown, setKeysShown] = useState(false);
  const [paletteShown, setPaletteShown] = useState(false);
  useEffect(() => onPaletteKey(() => setPaletteShown(true)), []);
  useEffect(
    () =>
      bindKeys({
        "?": () => setKeysShown(true),
        "/": focusSearch,
        "g e": () => show("examples"),
        "g x": () => show("explain"),
        "g c": () => show("compare"),
        "g m": () => show("modalities"),
        "g d": () => show("dataset"),
        "g t": () => show("trust"),
      }),
    [],
  );
  useTitle(info?.name);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="shell-header">
        <span class="brand">AttriBoard</span>
        {info && (
          <span class="board-name num">
            {info.name} · {count(info.size, "example")}
          </span>
        )}
        {info && <ModelChoice board={info} />}
        <nav class="shell-nav" aria-label="Views">
          {VIEWS.map((item) => (
            <ViewLink key={item.id} {...item} />
          ))}
        </nav>
        <span class="grow" />
        <div class="shell-tools">
          <button
            type="button"
            class="btn palette-open"
            title="Views, methods, filters, examples (Ctrl K)"
            onClick={() => setPaletteShown(true)}
          >
            Search or run… <kbd>{MAC ? "⌘K" : "Ctrl K"}</kbd>
          </button>
          <Select
            label="Theme"
            options={THEMES}
            value={theme.value}
            onChange={(id) => setTheme(id as Theme)}
          />
          <Button onClick={copyLink} title="Copy the link to this view">
            Share
          </Button>
          <Button onClick={() => setKeysShown(true)} label="Keys" title="Keys (?)">
            ?
          </Button>
        </div>
      </header>
      <Lost />
      <About />
      <main class="shell-main" id="main" tabIndex={-1}>
        {children}
      </main>
      {paletteShown && <Palette views={VIEWS} onClose={() => setPaletteShown(false)} />}
      {keysShown && <KeySheet onClose={() => setKeysShown(false)} />}
      <Toast />
    </div>
  );
}

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Ctrl+K, or Cmd+K, wherever the focus is. */
function onPaletteKey(open: () => void): () => void {
  const handle = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    if (event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) open();
  };
  addEventListener("keydown", handle);
  return () => removeEventListener("keydown", handle);
}

function ViewLink({ id, title }: { id: ViewName; title: string }) {
  return (
    <a
      href={href(viewPatch(id))}
      aria-current={view.value === id ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        show(id);
      }}
    >
      {title}
    </a>
  );
}

function viewPatch(id: ViewName) {
  return { view: id === "examples" ? null : id };
}

function show(id: ViewName): void {
  navigate(viewPatch(id));
}

/** The page's title follows the view, and the focus a view that is gone. */
function useTitle(name: string | undefined): void {
  const title = VIEWS.find((item) => item.id === view.value)?.title;
  useEffect(() => {
    document.title = name ? `${title} · ${name} · AttriBoard` : "AttriBoard";
  }, [title, name]);
}

function focusSearch(): void {
  if (view.peek() !== "examples") return;
  if (narrow.peek()) drawerOpen.value = true;
  requestAnimationFrame(() => document.getElementById("search")?.focus());
}
