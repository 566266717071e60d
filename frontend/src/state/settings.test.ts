import { describe, expect, it } from "vitest";
import type { BoardInfo, MethodInfo } from "../api/types";
import {
  defaultMethod,
  exampleOf,
  parseTarget,
  readSettings,
  requestParts,
  settingsPatch,
  withoutDefaults,
} from "./settings";
import { patched } from "./url";

function method(id: string, unavailable: string | null = null): MethodInfo {
  const properties = {
    n_steps: { type: "integer", default: 50, minimum: 1 },
    shape: {
      anyOf: [{ type: "array", items: { type: "integer" } }, { type: "null" }],
      default: [8],
    },
  };
  const params = { type: "object", properties };
  const rest = {
    title: id,
    family: "gradient",
    summary: "",
    cost: 1,
    sites: ["input"],
    complete: true,
  };
  return { id, params, unavailable, ...rest };
}

const kinds = ["mean", "black"].map((id) => ({ id, title: id, help: "" }));
const board = {
  size: 10,
  inputs: [
    {
      name: "photo",
      modality: "image",
      features: kinds,
      baselines: kinds,
      default_baseline: "mean",
    },
  ],
  methods: [method("Saliency"), method("IntegratedGradients")],
} as unknown as BoardInfo;

describe("defaultMethod", () => {
  it("prefers Integrated Gradients, and takes the first that can run where it cannot", () => {
    expect(defaultMethod(board)?.id).toBe("IntegratedGradients");
    const layers = { ...method("C"), sites: ["layer"] };
    const methods = [
      layers,
      method("A", "no"),
      method("IntegratedGradients", "no gradient"),
      method("B"),
    ];
    expect(defaultMethod({ ...board, methods })?.id).toBe("B");
    expect(defaultMethod({ ...board, methods: [] })).toBeNull();
  });
});

describe("settings in the address", () => {
  const query = {
    example: "3",
    "p.n_steps": "20",
    "p.shape": "auto",
    "b.photo": "example:7",
    seed: "4",
  };

  it("come back as they were written", () => {
    const settings = readSettings(query, board);
    expect(patched({ example: "3" }, settingsPatch({ example: "3" }, board, settings))).toEqual(
      query,
    );
  });

  it("leave defaults out, and take away what no longer holds", () => {
    const settings = {
      ...readSettings(query, board),
      params: { n_steps: "50" },
      baseline: {},
      seed: "0",
    };
    expect(patched(query, settingsPatch(query, board, settings))).toEqual({ example: "3" });
    const other = { ...settings, method: "Saliency" };
    expect(patched(query, settingsPatch(query, board, other))).toEqual({
      example: "3",
      method: "Saliency",
    });
  });

  it("ignore names that this board or method does not have", () => {
    const odd = readSettings({ "p.nothing": "1", "b.sound": "mean", "f.sound": "x" }, board);
    expect(withoutDefaults(board, odd)).toMatchObject({ params: {}, baseline: {}, features: {} });
  });
});

describe("requestParts", () => {
  const base = { method: "IntegratedGradients", params: {}, baseline: {}, features: {}, seed: "0" };

  it("sends only what differs from the defaults", () => {
    const { parts, problems } = requestParts(board, {
      ...base,
      params: { n_steps: "20", shape: "auto" },
      baseline: { photo: "example:7" },
      features: { photo: "" },
    });
    expect(problems).toEqual({});
    expect(parts).toEqual({
      method: { id: "IntegratedGradients", params: { n_steps: 20, shape: null } },
      baseline: { photo: { example: 7 } },
      features: null,
      seed: 0,
    });
  });

  it("says what is wrong, by field", () => {
    const { problems } = requestParts(board, {
      ...base,
      params: { n_steps: "0" },
      baseline: { photo: "example:10" },
      seed: "",
    });
    expect(problems.n_steps).toContain("least allowed");
    expect(problems["baseline.photo"]).toContain("0 to 9");
    expect(problems.seed).toContain("whole number");
  });
});

describe("texts", () => {
  it("name targets", () => {
    expect(parseTarget(undefined)).toBeNull();
    expect(parseTarget("7")).toBe(7);
    expect(parseTarget("3,1")).toEqual({ index: [3, 1] });
    expect(parseTarget("7~2")).toEqual({ contrast: [7, 2] });
    expect(parseTarget("blue")).toBeNull();
  });

  it("name examples as baselines", () => {
    expect(exampleOf("mean")).toBeNull();
    expect(exampleOf("example:12")).toBe(12);
    expect(exampleOf("example:")).toBe(-1);
  });
});
