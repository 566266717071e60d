// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import {
  activeCount,
  CONFIDENT_MISTAKES,
  facetsRequest,
  isSettled,
  listRequest,
  NO_FILTER,
  onlyPatch,
  readFilter,
  toggled,
  toggledValues,
} from "./filter";
import { patched, type Query } from "./url";

const ADDRESS: Query = {
  label: "3,5",
  predicted: "x,-1",
  correct: "false",
  min_score: "0.5",
  max_score: "abc",
  q: "blue shape",
  sample: "20",
  draw: "7",
  sort: "-score",
};

describe("readFilter", () => {
  it("reads what is well formed and drops the rest", () => {
    expect(readFilter(ADDRESS)).toEqual({
      label: [3, 5],
      predicted: [-1],
      correct: false,
      minScore: 0.5,
      maxScore: null,
      only: {},
      tags: [],
      text: "blue shape",
      where: "",
      own: false,
      sample: 20,
      draw: 7,
      stratified: false,
      sort: "-score",
    });
  });

  it("shows everything in the dataset's order by default", () => {
    expect(activeCount(readFilter({}))).toBe(0);
    expect(readFilter({}).sort).toBe("index");
    expect(readFilter({ sample: "0" }).sample).toBeNull();
  });
});

describe("requests", () => {
  it("name each choice by itself and send the draw as the seed", () => {
    expect(listRequest(readFilter(ADDRESS), "model").toString()).toBe(
      "model=model&label=3&label=5&predicted=-1&correct=false&min_score=0.5&q=blue+shape" +
        "&sort=-score&sample=20&seed=7",
    );
  });

  it("count all that match, drawn or not", () => {
    const a = facetsRequest(readFilter({ ...ADDRESS, sample: "5" }), null).toString();
    expect(a).toBe(facetsRequest(readFilter({ ...ADDRESS, sort: "loss" }), null).toString());
    expect(a).not.toContain("sample");
  });
});

describe("patches", () => {
  it("clear every facet and keep order and draw", () => {
    const left = readFilter(patched(ADDRESS, NO_FILTER));
    expect(activeCount(left)).toBe(1);
    expect(left).toMatchObject({ sample: 20, draw: 7, sort: "-score", label: [] });
  });

  it("ask for confident mistakes", () => {
    expect(readFilter(patched({}, CONFIDENT_MISTAKES))).toMatchObject({
      correct: false,
      sort: "-score",
    });
  });

  it("switch one choice of a list", () => {
    expect(toggled([], 3)).toBe("3");
    expect(toggled([3, 5], 3)).toBe("5");
    expect(toggled([3], 3)).toBe("");
  });
});

describe("isSettled", () => {
  it("is false where a new prediction could change the list", () => {
    expect(isSettled(readFilter({ label: "3", q: "a", sample: "9" }))).toBe(true);
    for (const [name, value] of Object.entries({
      correct: "true",
      predicted: "1",
      min_score: "0.1",
      where: "score > 0",
      sort: "-score",
    }))
      expect(isSettled(readFilter({ [name]: value })), name).toBe(false);
  });
});

describe("choices in columns", () => {
  const address = patched({}, { ...onlyPatch("my split", { values: ["test", null] }) });

  it("are read from the address as they were written", () => {
    expect(address).toEqual({ "only.my split": '["test",null]' });
    expect(readFilter(address).only).toEqual({ "my split": { values: ["test", null] } });
    const range = patched({}, onlyPatch("loss", { min: null, max: 0.5 }));
    expect(range).toEqual({ "only.loss": "~0.5" });
    expect(readFilter(range).only).toEqual({ loss: { min: null, max: 0.5 } });
  });

  it("go away with their last value, with an open range and with all filters", () => {
    const gone = toggledValues(toggledValues({ values: ["test", null] }, null), "test");
    expect(patched(address, onlyPatch("my split", gone))).toEqual({});
    expect(patched(address, onlyPatch("my split", { min: null, max: null }))).toEqual({});
    expect(patched(address, NO_FILTER)).toEqual({});
  });

  it("that cannot be read are no choices", () => {
    for (const text of ["[", "{}", "[]", "a~b", "1~2~3", ""])
      expect(readFilter({ "only.x": text }).only).toEqual({});
  });

  it("are asked for as JSON", () => {
    const asked = facetsRequest(readFilter(address), null).getAll("only");
    expect(asked).toEqual(['{"column":"my split","values":["test",null]}']);
  });
});
