import { expect, it } from "vitest";
import { highlight } from "./highlight";

it("splits a text at each match, ignoring case, and loses no character", () => {
  const text = "Is the Blue shape blue?";
  const pieces = highlight(text, "blue");
  expect(pieces.filter((piece) => piece.hit).map((piece) => piece.text)).toEqual(["Blue", "blue"]);
  expect(pieces.map((piece) => piece.text).join("")).toBe(text);
});

it("marks nothing without a match, a search, or a safe place", () => {
  expect(highlight("abc", "")).toEqual([{ text: "abc", hit: false }]);
  expect(highlight("abc", "x")).toEqual([{ text: "abc", hit: false }]);
  expect(highlight("İstanbul", "stan")).toEqual([{ text: "İstanbul", hit: false }]);
});

it("treats markup as text", () => {
  expect(highlight("<b>x</b>", "<b>")[0]).toEqual({ text: "<b>", hit: true });
});
