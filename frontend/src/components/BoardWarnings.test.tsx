// @vitest-environment happy-dom
import { render } from "preact";
import { expect, it, vi } from "vitest";
import { loadBoard } from "../state/board";
import { BoardWarnings } from "./BoardWarnings";

it("says what looks wrong with the board, and nothing where nothing does", async () => {
  const root = document.createElement("div");
  render(<BoardWarnings />, root);
  expect(root.innerHTML).toBe("");
  const warnings = ["The rows of a batch influence one another."];
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ models: [], warnings })));
  await loadBoard();
  render(<BoardWarnings />, root);
  expect(root.textContent).toBe(warnings[0]);
});
