// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import type { Board, ExampleItem } from "../../state/board";
import { Card } from "./Card";

const board = {
  labelled: true,
  inputs: [
    { name: "photo", modality: "image" },
    { name: "question", modality: "text" },
  ],
} as Board;

const item: ExampleItem = {
  index: 19,
  label: 1,
  label_name: "no",
  predicted: 0,
  predicted_name: "yes",
  score: 0.6042,
  correct: false,
  margin: null,
  loss: null,
  texts: { question: "<img src=x onerror=alert(1)> is it green?" },
  metadata: {},
  computed: {},
  tags: [],
  note: null,
};

const root = document.createElement("div");
afterEach(() => render(null, root));

function show(patch: Partial<ExampleItem> = {}, onOpen = () => {}) {
  const rest = { position: 3, total: 40, search: "green", width: 160, active: true };
  act(() =>
    render(
      <Card
        board={board}
        item={{ ...item, ...patch }}
        onOpen={onOpen}
        onFocus={() => {}}
        {...rest}
      />,
      root,
    ),
  );
  return root.querySelector("a") as HTMLAnchorElement;
}

it("says in words whether the prediction is right", () => {
  expect(show().textContent).toContain("wrong, label no");
  expect(show({ correct: true, label_name: "yes" }).textContent).toContain("right");
  expect(
    show({ correct: null, predicted: null, predicted_name: null, score: null }).textContent,
  ).toContain("not predicted yet");
});

it("shows texts as text, with the search marked", () => {
  const card = show();
  expect(card.querySelectorAll("img")).toHaveLength(1);
  expect(card.querySelector(".card-text")?.textContent).toBe(item.texts.question);
  expect(card.querySelector("mark")?.textContent).toBe("green");
});

it("is a link to the example, and opens without a new page on a plain click", () => {
  const open = vi.fn();
  const card = show({}, open);
  expect(card.getAttribute("href")).toContain("view=explain&example=19");
  const click = (more: MouseEventInit) =>
    card.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...more }));
  expect(click({})).toBe(false);
  expect(click({ ctrlKey: true })).toBe(true);
  expect(open).toHaveBeenCalledOnce();
});
