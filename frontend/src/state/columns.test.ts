// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { loadBoard } from "./board";
import { INPUTS } from "./columns";
import { chooseKind, columns, kind } from "./compare";
import { detail, followExample } from "./explain";
import { navigate, query } from "./url";

const method = (id: string, sites: string[]) => ({
  id,
  title: id,
  family: "gradient",
  params: { properties: {} },
  cost: 1,
  sites,
  complete: false,
  unavailable: null,
  needs_layer: false,
  least_examples: 1,
});

const LAYERS = ["a", "b", "c"].map((name) => ({ name, type: "Conv2d", shape: [4, 8, 8] }));
const BOARD = {
  name: "Two",
  size: 9,
  models: [
    { name: "first one", layers: LAYERS },
    { name: "second", layers: [] },
  ],
  inputs: [],
  output: { kind: "classes", names: ["no", "yes"] },
  methods: [method("IntegratedGradients", ["input", "layer"]), method("Occlusion", ["input"])],
};
const says = (model: string, index: number) => ({
  model,
  predicted: index,
  scores: [{ index, name: BOARD.output.names[index], score: 1, probability: 0.75 }],
});
const EXAMPLE = {
  index: 3,
  label: 1,
  label_name: "yes",
  inputs: [],
  predictions: [says("first one", 1), says("second", 0)],
};

beforeEach(async () => {
  vi.stubGlobal("fetch", async (url: string) => {
    const path = new URL(url).pathname.replace(/.*\/api\//, "");
    if (path === "board") return Response.json(BOARD);
    if (path.startsWith("examples/")) return Response.json(EXAMPLE);
    return new Promise(() => {});
  });
  navigate(Object.fromEntries(Object.keys(query.peek()).map((name) => [name, null])));
  navigate({ view: "compare", example: 3 });
  await loadBoard();
  followExample();
  await vi.waitFor(() => expect(detail.value).not.toBeNull());
});

it("explains each model for its own prediction, unless a class is chosen", () => {
  chooseKind("models");
  expect(columns.value.map(({ title, note }) => [title, note])).toEqual([
    ["first one", "predicts yes 0.750"],
    ["second", "predicts no 0.750"],
  ]);
  expect(columns.value.map(({ request }) => request?.model)).toEqual(["first one", "second"]);
  expect(columns.value.every(({ request }) => request?.target === null)).toBe(true);
  navigate({ target: "1" });
  expect(columns.value.every(({ request }) => request?.target === 1)).toBe(true);
  navigate({ models: "third" });
  expect(columns.value[0]?.problem).toContain("no model “third”");
});

it("explains layers by name and shape, and says which methods cannot", () => {
  chooseKind("layers");
  expect(columns.value.map(({ id }) => id)).toEqual([INPUTS, "a", "b", "c"]);
  expect(columns.value[1]?.note).toBe("Conv2d 4 × 8 × 8");
  expect(columns.value.map(({ request }) => request?.layer)).toEqual([null, "a", "b", "c"]);
  navigate({ method: "Occlusion", layers: "a nothing" });
  expect(columns.value[0]?.problem).toContain("explains the inputs alone");
  expect(columns.value[1]?.problem).toContain("no layer “nothing”");
});

it("sets other examples beside the one on screen, each for its own prediction", () => {
  navigate({ columns: "examples", examples: "3 5 12 x" });
  expect(columns.value.map(({ request }) => request?.examples)).toEqual([
    [3],
    [5],
    undefined,
    undefined,
  ]);
  expect(columns.value[0]?.note).toBe("label yes · predicted yes");
  expect(columns.value[2]?.problem).toContain("a number from 0 to 8");
});

it("falls back to methods where a board has nothing of the kind", () => {
  navigate({ columns: "layers", model: "second" });
  expect(kind.value).toBe("methods");
});
