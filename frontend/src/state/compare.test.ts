// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AttributionRequest } from "../api/types";
import { loadBoard } from "./board";
import {
  addColumn,
  cells,
  chooseKind,
  chooseScale,
  columnIds,
  columns,
  followColumns,
  removeColumn,
  resetColumns,
  scaleKind,
} from "./compare";
import { detail, followExample } from "./explain";
import { navigate, query } from "./url";

function method(id: string, family = "gradient", more: object = {}) {
  return {
    id,
    title: id,
    family,
    params: { properties: { n_steps: { type: "integer", default: 50 } } },
    cost: 1,
    sites: ["input"],
    complete: false,
    unavailable: null,
    needs_layer: false,
    least_examples: 1,
    ...more,
  };
}

const BOARD = {
  name: "VQA",
  size: 9,
  models: [{ name: "model", layers: [] }],
  inputs: [
    {
      name: "my photo",
      modality: "image",
      default_baseline: "mean",
      baselines: ["mean", "black", "white"].map((id) => ({ id, title: `the ${id}`, help: "" })),
      features: [],
    },
  ],
  output: { kind: "classes", names: ["no", "yes", "blue"] },
  methods: [
    method("Saliency"),
    method("IntegratedGradients"),
    method("Occlusion", "perturbation"),
    method("KernelShap", "perturbation"),
    method("DeepLift", "rules"),
    method("GradCam", "layer", { needs_layer: true, sites: ["layer"] }),
    method("Broken", "gradient", { unavailable: "it needs gradients" }),
  ],
};

const EXAMPLE = {
  index: 3,
  label: 2,
  inputs: [],
  predictions: [
    {
      model: "model",
      predicted: 1,
      scores: [1, 0, 2].map((index) => ({ index, name: BOARD.output.names[index], score: 0 })),
    },
  ],
};

let asked: AttributionRequest[];

beforeEach(async () => {
  asked = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const path = new URL(url).pathname.replace(/.*\/api\//, "");
    if (path === "board") return Response.json(BOARD);
    if (path.startsWith("examples/")) return Response.json(EXAMPLE);
    if (path === "attributions") asked.push(JSON.parse(String(init.body)));
    return new Promise(() => {});
  });
  navigate(Object.fromEntries(Object.keys(query.peek()).map((name) => [name, null])));
  navigate({ view: "compare", example: 3 });
  await loadBoard();
  followExample();
  await vi.waitFor(() => expect(detail.value).not.toBeNull());
});

describe("the columns to begin with", () => {
  it("are four methods of different kinds, and the one that was on screen", () => {
    expect(columnIds.value).toEqual(["IntegratedGradients", "Saliency", "Occlusion", "KernelShap"]);
    navigate({ method: "DeepLift" });
    expect(columnIds.value[0]).toBe("DeepLift");
    expect(columnIds.value).toHaveLength(5);
  });

  it("are the likeliest classes, the label and a contrast", () => {
    chooseKind("targets");
    expect(columnIds.value).toEqual(["1", "0", "2", "1~0"]);
    expect(columns.value.map(({ title }) => title)).toEqual([
      "yes",
      "no",
      "blue",
      "yes rather than no",
    ]);
    const targets = columns.value.map(({ request }) => request?.target);
    expect(targets).toEqual([null, 0, 2, { contrast: [1, 0] }]);
  });

  it("are the first input's baselines, the one in force first", () => {
    navigate({ "b.my photo": "white" });
    chooseKind("baselines");
    expect(columns.value.map(({ title, note }) => [title, note])).toEqual([
      ["the white", "my photo"],
      ["the mean", "my photo"],
      ["the black", "my photo"],
    ]);
    const chosen = columns.value.map(({ request }) => request?.baseline);
    expect(chosen).toEqual([{ "my photo": "white" }, null, { "my photo": "black" }]);
  });
});

describe("columns", () => {
  it("come and go in the address", () => {
    addColumn("DeepLift");
    removeColumn("Occlusion");
    expect(query.value.methods).toBe("IntegratedGradients Saliency KernelShap DeepLift");
    navigate({ methods: "Saliency" });
    removeColumn("Saliency");
    expect(columnIds.value).toEqual([]);
    resetColumns();
    expect(query.value.methods).toBeUndefined();
    expect(columnIds.value).toHaveLength(4);
  });

  it("ask for what Explain asks for, with its parameters for its own method alone", () => {
    navigate({ "p.n_steps": "20", target: "2" });
    const params = columns.value.map(({ request }) => request?.method.params);
    expect(params).toEqual([{ n_steps: 20 }, {}, {}, {}]);
    expect(columns.value.every(({ request }) => request?.target === 2)).toBe(true);
    navigate({ target: "1" });
    expect(columns.value[0]?.request?.target).toBeNull();
  });

  it("say why they have nothing to ask for", () => {
    navigate({ methods: "Foo Broken Saliency" });
    expect(columns.value.map(({ problem }) => problem)).toEqual([
      "This board has no method called Foo.",
      "Broken cannot run here: it needs gradients",
      null,
    ]);
    navigate({ columns: "targets", targets: "x 7" });
    expect(columns.value[0]?.problem).toContain("is no target");
    expect(columns.value[1]?.title).toBe("class 7");
    navigate({ columns: "baselines", baselines: "sound:mean %E0%A4%A:mean" });
    expect(columns.value.every(({ problem }) => problem?.includes("no input"))).toBe(true);
  });

  it("are drawn in one scale where they are in one unit, unless one says otherwise", () => {
    expect(scaleKind.value).toBe("own");
    chooseKind("targets");
    expect(scaleKind.value).toBe("shared");
    chooseScale("own");
    expect(query.value.scale).toBe("own");
    chooseScale("shared");
    expect(query.value.scale).toBeUndefined();
  });
});

it("runs a few columns at a time", async () => {
  const end = followColumns();
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  expect(asked.map(({ method }) => method.id)).toEqual([
    "IntegratedGradients",
    "Saliency",
    "Occlusion",
  ]);
  expect(cells.value.map(({ run }) => run?.state)).toEqual(["asking", "asking", "asking", "new"]);
  end();
});
