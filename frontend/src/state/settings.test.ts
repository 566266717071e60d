// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import type { BoardInfo, MethodInfo } from "../api/types";
import {
  defaultMethod,
  exampleOf,
  layerOf,
  parseTarget,
  readSettings,
  reasonAgainst,
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
    sites: ["input", "layer"],
    complete: true,
    uses_baseline: true,
    uses_features: false,
    progressive: false,
    needs_layer: false,
    at_inputs: false,
    least_examples: 1,
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
    const layers = { ...method("C"), needs_layer: true };
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
  const base = {
    method: "IntegratedGradients",
    params: {},
    baseline: {},
    features: {},
    layer: "",
    seed: "0",
  };

  it("sends only what differs from the defaults", () => {
    const settings = {
      ...base,
      params: { n_steps: "20", shape: "auto" },
      baseline: { photo: "example:7" },
      features: { photo: "" },
    };
    const { parts, problems } = requestParts(board, settings, []);
    expect(problems).toEqual({});
    expect(parts).toEqual({
      method: { id: "IntegratedGradients", params: { n_steps: 20, shape: null } },
      baseline: { photo: { example: 7 } },
      features: null,
      layer: null,
      seed: 0,
    });
  });

  it("says what is wrong, by field", () => {
    const settings = {
      ...base,
      params: { n_steps: "0" },
      baseline: { photo: "example:10" },
      seed: "",
    };
    const { problems } = requestParts(board, settings, []);
    expect(problems.n_steps).toContain("least allowed");
    expect(problems["baseline.photo"]).toContain("0 to 9");
    expect(problems.seed).toContain("whole number");
  });
});

describe("layers", () => {
  const layers = [
    { name: "a", type: "Conv2d", shape: [4, 9, 9] },
    { name: "b", type: "ReLU", shape: [4, 7, 7] },
    { name: "c", type: "AvgPool2d", shape: [4, 1, 1] },
    { name: "d", type: "Linear", shape: [6] },
  ];
  const about = { ...method("GradCam"), needs_layer: true };

  it("are the last with places where a method needs one, and none where it does not", () => {
    expect(layerOf(about, "", layers)).toBe("b");
    expect(layerOf(about, "", layers.slice(2))).toBe("d");
    expect(layerOf(about, "a", layers)).toBe("a");
    expect(layerOf(method("Saliency"), "", layers)).toBeNull();
    expect(layerOf(method("Saliency"), "a", layers)).toBe("a");
    expect(layerOf({ ...about, sites: ["input"] }, "a", layers)).toBeNull();
  });

  it("live in the address", () => {
    const settings = { ...readSettings({}, board), layer: "a" };
    const query = patched({}, settingsPatch({}, board, settings));
    expect(query).toEqual({ layer: "a" });
    expect(readSettings(query, board).layer).toBe("a");
    expect(requestParts(board, settings, layers).parts.layer).toBe("a");
  });
});

describe("reasonAgainst", () => {
  it("says what this view cannot give a method", () => {
    const layers = [{ name: "a", type: "Linear", shape: [6] }];
    const about = { ...method("GradCam"), needs_layer: true };
    expect(reasonAgainst(method("Saliency"), [])).toBeNull();
    expect(reasonAgainst(about, layers)).toBeNull();
    expect(reasonAgainst(about, [])).toContain("cannot be watched");
    expect(reasonAgainst({ ...about, sites: ["neuron"] }, layers)).toContain("one unit");
    expect(reasonAgainst({ ...method("P"), least_examples: 2 }, layers)).toContain("single one");
    expect(reasonAgainst(method("S", "it is a black box."), layers)).toBe("it is a black box.");
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
    expect(exampleOf("own:9700")).toBe(9700);
  });
});
