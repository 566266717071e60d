import { describe, expect, it } from "vitest";
import { type Parameter, parametersOf, parseText, type Schema } from "./parameters";

function one(schema: Schema): Parameter {
  return parametersOf({ n_steps: schema })[0]!;
}

function problem(schema: Schema, text: string): string {
  const parsed = parseText(one(schema), text);
  return parsed.ok ? "" : parsed.error;
}

describe("parametersOf", () => {
  it("reads kind, default, title and help", () => {
    const steps = one({
      type: "integer",
      default: 50,
      minimum: 1,
      description: "Points on the path",
    });
    expect(steps).toMatchObject({
      kind: "integer",
      text: "50",
      title: "n steps",
      help: "Points on the path",
      optional: false,
    });
    expect(one({ enum: ["a", "b"], default: "b" })).toMatchObject({
      kind: "choice",
      choices: ["a", "b"],
    });
    expect(one({ type: "boolean", default: true })).toMatchObject({
      kind: "boolean",
      text: "true",
    });
  });

  it("knows what may be left to the method, in each way a schema says it", () => {
    const ways: Schema[] = [
      { type: ["integer", "null"], default: null },
      { anyOf: [{ type: "integer", minimum: 2 }, { type: "null" }], default: null },
    ];
    for (const way of ways)
      expect(one(way)).toMatchObject({ kind: "integer", optional: true, text: "" });
    expect(problem(ways[1]!, "1")).toContain("least allowed is 2");
    expect(parseText(one(ways[0]!), " ")).toEqual({ ok: true, value: null });
  });

  it("falls back to JSON for what has no control of its own", () => {
    const nested = one({
      anyOf: [
        { type: "array", items: { type: "integer" } },
        { type: "array", items: { type: "array" } },
      ],
      default: [[3, 8, 8], [1]],
    });
    expect(nested).toMatchObject({ kind: "json", text: "[[3,8,8],[1]]" });
    expect(parseText(nested, "[1]")).toEqual({ ok: true, value: [1] });
    expect(parseText(nested, "3, 8, 8")).toEqual({ ok: true, value: [3, 8, 8] });
    expect(parseText(nested, "[1").ok).toBe(false);
  });
});

describe("parseText", () => {
  it("gives a sentence for each way to be wrong", () => {
    expect(problem({ type: "integer" }, "")).toContain("whole number");
    expect(problem({ type: "integer" }, "2.5")).toContain("whole number");
    expect(problem({ type: "number" }, "ten")).toContain("no number: ten");
    expect(problem({ type: "integer", minimum: 1 }, "0")).toContain("least allowed is 1");
    expect(problem({ type: "integer", maximum: 9 }, "10")).toContain("most allowed is 9");
    expect(problem({ type: "number", exclusiveMinimum: 0 }, "0")).toContain("above 0");
    expect(problem({ enum: ["a", "b"] }, "c")).toContain("one of: a, b");
    expect(problem({ type: "array", items: { type: "integer" } }, "8, x1")).toBe("");
    expect(problem({ type: "array", items: { type: "integer" } }, "eight")).toContain("8, 8");
  });

  it("reads lists as people write them", () => {
    const shape = one({ type: "array", items: { type: "integer" } });
    for (const text of ["3, 8, 8", "[3,8,8]", "(3, 8, 8)", "3 × 8 × 8", "3 8 8"]) {
      expect(parseText(shape, text)).toEqual({ ok: true, value: [3, 8, 8] });
    }
  });

  it("keeps the type of a choice", () => {
    expect(parseText(one({ enum: [1, 2] }), "2")).toEqual({ ok: true, value: 2 });
  });
});
