import { describe, expect, it } from "vitest";
import { ApiError } from "../api/client";
import { Resource } from "./resource";

describe("Resource", () => {
  it("drops the answer of a load that was overtaken", async () => {
    const resource = new Resource<string>();
    let finish = (_: string) => {};
    const first = resource.load(() => new Promise((resolve) => (finish = resolve)));
    await resource.load(async () => "second");
    finish("first");
    await first;
    expect(resource.state.value).toEqual({ value: "second", loading: false, error: null });
  });

  it("aborts the request that was overtaken", async () => {
    const resource = new Resource<string>();
    let aborted = false;
    void resource.load((signal) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise(() => {});
    });
    await resource.load(async () => "next");
    expect(aborted).toBe(true);
  });

  it("keeps the last value beside the error, and loads the same again on retry", async () => {
    const resource = new Resource<number>();
    let calls = 0;
    await resource.load(async () => 1);
    await resource.load(async () => {
      calls += 1;
      if (calls === 1) throw new ApiError("No such column", "There is no column 'x'", 422, "sort");
      return 2;
    });
    expect(resource.state.value).toMatchObject({ value: 1, error: { field: "sort" } });
    resource.retry();
    await Promise.resolve();
    await Promise.resolve();
    expect(resource.state.value).toMatchObject({ value: 2, error: null });
  });
});
