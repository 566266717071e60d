// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { type Command, matching } from "./commands";

const command = (group: string, title: string, hint?: string): Command => ({
  id: title,
  group,
  title,
  ...(hint !== undefined && { hint }),
  run: () => {},
});

const ALL = [
  command("Go to", "Examples"),
  command("Filter", "Most confident mistakes"),
  command("Method", "Integrated Gradients"),
  command("Method", "Internal influence", "needs a layer"),
  command("Saved view", "My mistakes"),
];
const titles = (text: string) => matching(ALL, text).map(({ title }) => title);

describe("matching", () => {
  it("puts titles that begin so first, then words that do, then all else", () => {
    expect(titles("mis")).toEqual(["Most confident mistakes", "My mistakes"]);
    expect(titles("my mis")[0]).toBe("My mistakes");
    expect(titles("grad int")).toEqual(["Integrated Gradients"]);
    expect(titles("method")).toEqual(["Integrated Gradients", "Internal influence"]);
    expect(titles("layer")).toEqual(["Internal influence"]);
  });

  it("shows everything for nothing, and nothing for what is not there", () => {
    expect(titles("")).toHaveLength(ALL.length);
    expect(titles("zebra")).toEqual([]);
  });
});
