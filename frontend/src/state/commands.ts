/** What the command palette offers: every view, method, filter and saved view, and each example by its index. */
import type { BoardInfo } from "../api/types";
import { board } from "./board";
import { facets, openExample } from "./examples";
import { CONFIDENT_MISTAKES, NO_CHOICE, NO_FILTER } from "./filter";
import { tags } from "./marks";
import { clearSelection, selectAll } from "./selection";
import { setTheme } from "./theme";
import { navigate, type Patch, type ViewName, view } from "./url";
import { openView, savedViews } from "./views";

export interface Command {
  id: string;
  group: string;
  title: string;
  /** Said beside it, such as why it cannot be run. */
  hint?: string;
  disabled?: boolean;
  run: () => void;
}

export interface ViewTitle {
  id: ViewName;
  title: string;
}

/** Commands whose words all begin some word of theirs, the best fitting first. */
export function matching(commands: readonly Command[], text: string, most = 60): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands
    .map((command) => ({ command, rank: rankOf(command, words) }))
    .filter(({ rank }) => rank >= 0);
  found.sort((a, b) => a.rank - b.rank);
  return found.slice(0, most).map(({ command }) => command);
}

/** 0 where the title begins so, 1 where its words do, 2 where group or hint do, -1 where nothing does. */
function rankOf({ group, title, hint }: Command, words: readonly string[]): number {
  const parts = title.toLowerCase().split(/[\s_-]+/);
  if (title.toLowerCase().startsWith(words.join(" "))) return 0;
  if (words.every((word) => parts.some((part) => part.startsWith(word)))) return 1;
  const all = `${group} ${title} ${hint ?? ""}`.toLowerCase();
  return words.every((word) => all.includes(word)) ? 2 : -1;
}

export function commands(views: readonly ViewTitle[], text: string): Command[] {
  const info = board.peek();
  return [
    ...exampleCommands(info, text),
    ...views.map(({ id, title }) => ({
      id: `view ${id}`,
      group: "Go to",
      title,
      run: () => navigate({ view: id === "examples" ? null : id }),
    })),
    ...savedViews.peek().map((saved) => ({
      id: `saved ${saved.name}`,
      group: "Saved view",
      title: saved.name,
      run: () => openView(saved),
    })),
    ...filterCommands(info),
    ...methodCommands(info),
    ...(["light", "dark", "system"] as const).map((id) => ({
      id: `theme ${id}`,
      group: "Theme",
      title: `${id[0]?.toUpperCase()}${id.slice(1)} theme`,
      run: () => setTheme(id),
    })),
  ];
}

function exampleCommands(info: BoardInfo | null, text: string): Command[] {
  const asked = /^#?\s*(\d+)$/.exec(text.trim().replace(/^example\s*/i, ""));
  if (!info || !asked) return [];
  const index = Number(asked[1]);
  const there = index < info.size;
  return [
    {
      id: "example",
      group: "Example",
      title: `${text.trim()}: explain example ${index}`,
      disabled: !there,
      ...(!there && { hint: `there are ${info.size}, counted from 0` }),
      run: () => openExample(index),
    },
  ];
}

function filterCommands(info: BoardInfo | null): Command[] {
  if (!info) return [];
  const filter = (title: string, patch: Patch): Command => ({
    id: `filter ${title}`,
    group: "Filter",
    title,
    run: () => navigate({ view: null, ...patch }),
  });
  const classes = info.output.kind !== "regression";
  const judged = info.labelled && classes;
  const counts = facets.peek().value;
  return [
    ...(judged
      ? [
          filter("Most confident mistakes", { ...NO_FILTER, ...CONFIDENT_MISTAKES }),
          filter("Wrong predictions", { correct: "false" }),
          filter("Right predictions", { correct: "true" }),
        ]
      : []),
    ...(judged && info.output.kind === "classes"
      ? [filter("Confusion matrix", { matrix: 1 })]
      : []),
    filter("Clear all filters", NO_CHOICE),
    ...tags.peek().map(({ name }) => filter(`Tag ${name}`, { tag: name })),
    ...(counts?.labels ?? [])
      .filter(({ value }) => value !== null)
      .slice(0, 200)
      .map(({ value, name }) => filter(`Label ${name}`, { label: Number(value) })),
    {
      id: "select all",
      group: "Select",
      title: "Select all that match",
      run: () => void selectAll(),
    },
    { id: "select none", group: "Select", title: "Select nothing", run: clearSelection },
  ];
}

function methodCommands(info: BoardInfo | null): Command[] {
  return (info?.methods ?? []).map(({ id, title, unavailable }) => ({
    id: `method ${id}`,
    group: "Method",
    title,
    disabled: unavailable !== null,
    ...(unavailable !== null && { hint: unavailable }),
    run: () =>
      navigate({
        view: view.peek() === "compare" ? "compare" : "explain",
        method: id,
        "p.*": null,
        layer: null,
      }),
  }));
}
