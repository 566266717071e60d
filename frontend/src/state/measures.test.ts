// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { AttributionRequest } from "../api/types";
import { cancelMeasure, measureOf, startMeasure } from "./measures";

type Answer = { status?: number; body: unknown };

let asked: string[];
let answers: (path: string) => Answer | Promise<Answer>;
let example = 0;

function fresh(): AttributionRequest {
  example += 1;
  return { examples: [example], method: { id: "Saliency", params: {} } };
}

const state = (request: AttributionRequest) => measureOf(request).value.state;
const settled = () => vi.waitFor(() => Promise.resolve());
const figures = { metrics: { infidelity: 0.1 }, warnings: [] };

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const path = new URL(url).pathname.replace(/.*\/api\//, "");
    asked.push(`${init.method} ${path}`);
    const { status = 200, body } = await answers(path);
    return new Response(JSON.stringify(body), { status });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

it("asks once, and keeps the figures for the session", async () => {
  answers = () => ({ body: { results: [figures] } });
  const request = fresh();
  expect(state(request)).toBe("none");
  startMeasure(request);
  await vi.waitFor(() => expect(state(request)).toBe("done"));
  startMeasure(JSON.parse(JSON.stringify(request)));
  await settled();
  expect(measureOf(request).value.measured?.metrics.infidelity).toBe(0.1);
  expect(asked).toEqual(["POST metrics"]);
});

it("measures two at a time, and goes on after a failure", async () => {
  const open: ((answer: Answer) => void)[] = [];
  answers = () =>
    new Promise((resolve) => {
      open.push(resolve);
    });
  const all = [fresh(), fresh(), fresh()];
  for (const request of all) startMeasure(request);
  await settled();
  expect(all.map(state)).toEqual(["running", "running", "waiting"]);
  open[0]?.({ status: 422, body: { title: "No", detail: "Because." } });
  await vi.waitFor(() => expect(all.map(state)).toEqual(["failed", "running", "running"]));
  expect(measureOf(all[0] as AttributionRequest).value.error?.detail).toBe("Because.");
  for (const answer of open) answer({ body: { results: [figures] } });
  await vi.waitFor(() => expect(all.map(state)).toEqual(["failed", "done", "done"]));
  answers = () => ({ body: { results: [figures] } });
  startMeasure(all[0] as AttributionRequest);
  await vi.waitFor(() => expect(state(all[0] as AttributionRequest)).toBe("done"));
});

it("cancels what runs and what waits, and drops a late answer with its job", async () => {
  let answer: (answer: Answer) => void = () => {};
  answers = (path) =>
    path === "metrics"
      ? new Promise((resolve) => {
          answer = resolve;
        })
      : { body: {} };
  const request = fresh();
  startMeasure(request);
  await vi.waitFor(() => expect(asked).toEqual(["POST metrics"]));
  cancelMeasure(request);
  answer({ status: 202, body: { job: { id: "late", progress: { done: 0, total: 1 } } } });
  await vi.waitFor(() => expect(asked).toContain("DELETE jobs/late"));
  expect(state(request)).toBe("cancelled");
  answers = () => ({ body: { results: [figures] } });
  const next = [fresh(), fresh(), fresh()];
  for (const each of next) startMeasure(each);
  await vi.waitFor(() => expect(next.map(state)).toEqual(["done", "done", "done"]));
});
