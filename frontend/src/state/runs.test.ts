// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AttributionRequest } from "../api/types";
import { cancelRun, leaveRun, runOf, startRun } from "./runs";

type Answer = { status?: number; body: unknown };
type Listener = (event: { data: string }) => void;

let asked: string[];
let answers: (path: string, body: AttributionRequest | null) => Answer | Promise<Answer>;
let streams: FakeStream[];
let example = 0;

class FakeStream {
  static readonly CLOSED = 2;
  readyState = 1;
  onerror: (() => void) | null = null;
  private readonly listeners: Record<string, Listener> = {};
  constructor(readonly url: string) {
    streams.push(this);
  }
  addEventListener(name: string, listener: Listener) {
    this.listeners[name] = listener;
  }
  close() {
    this.readyState = 2;
  }
  send(name: string, data: unknown) {
    this.listeners[name]?.({ data: JSON.stringify(data) });
  }
}

function safetensors(values: number[]): ArrayBuffer {
  const header = {
    photo: { dtype: "F32", shape: [values.length], data_offsets: [0, 4 * values.length] },
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + 4 * values.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(new Uint8Array(new Float32Array(values).buffer), 8 + json.length);
  return bytes.buffer;
}

/** A request no other test has made, as runs are kept for the whole session. */
function fresh(): AttributionRequest {
  example += 1;
  return { examples: [example], method: { id: "Saliency", params: {} } };
}

function meta(request: AttributionRequest) {
  return { key: `key${request.examples[0]}`, example: request.examples[0] };
}

const settled = () => vi.advanceTimersByTimeAsync(1);
const posts = () => asked.filter((line) => line === "POST attributions");

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  streams = [];
  vi.stubGlobal("EventSource", FakeStream);
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const path = new URL(url).pathname.replace(/.*\/api\//, "");
    asked.push(`${init.method} ${path}`);
    if (path.startsWith("results/")) return new Response(safetensors([1, 2]));
    const body = init.body ? JSON.parse(String(init.body)) : null;
    const answer = await answers(path, body);
    return new Response(JSON.stringify(answer.body), { status: answer.status ?? 200 });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a run", () => {
  it("is asked for once in a session, and shown again without asking", async () => {
    answers = (_, body) => ({ body: { results: [meta(body!)] } });
    const request = fresh();
    startRun(request, false, true);
    await settled();
    const run = runOf(request);
    expect(run.value.state).toBe("done");
    expect([...run.value.result!.arrays.photo!.data]).toEqual([1, 2]);
    leaveRun(request);
    startRun(JSON.parse(JSON.stringify(request)), true, true);
    await settled();
    expect(posts()).toHaveLength(1);
  });

  it("follows a job: progress, what there is so far, the result", async () => {
    answers = () => ({
      status: 202,
      body: { job: { id: "j1", progress: { done: 0, total: 10 } } },
    });
    const request = fresh();
    startRun(request, false, true);
    await settled();
    const run = runOf(request);
    expect(streams[0]?.url).toContain("api/jobs/j1/events");
    streams[0]?.send("progress", { done: 4, total: 10 });
    expect(run.value).toMatchObject({ state: "running", progress: { done: 4, total: 10 } });
    streams[0]?.send("partial", { key: "snapshot", final: false, done: 4, total: 10 });
    await settled();
    expect(run.value.snapshot).not.toBeNull();
    streams[0]?.send("done", { results: [meta(request)] });
    await settled();
    expect(run.value).toMatchObject({ state: "done", snapshot: null });
    expect(asked).toContain("GET results/snapshot");
  });

  it("waits to be wanted where it takes many passes, unless it is stored", async () => {
    let stored = 0;
    answers = (path, body) =>
      path === "estimates"
        ? { body: { passes: 9999, examples: 1, stored } }
        : { body: { results: [meta(body!)] } };
    const [dear, known] = [fresh(), fresh()];
    startRun(dear, false, false);
    await settled();
    expect(runOf(dear).value).toMatchObject({ state: "held", passes: 9999 });
    expect(posts()).toHaveLength(0);
    startRun(dear, true, false);
    await settled();
    expect(runOf(dear).value.state).toBe("done");
    stored = 1;
    startRun(known, false, false);
    await settled();
    expect(runOf(known).value.state).toBe("done");
  });

  it("does not wait where the person wants it while its cost is still being asked", async () => {
    answers = (path, body) =>
      path === "estimates"
        ? { body: { passes: 9999, examples: 1, stored: 0 } }
        : { body: { results: [meta(body!)] } };
    const request = fresh();
    startRun(request, false, false);
    startRun(request, true, false);
    await settled();
    expect(runOf(request).value.state).toBe("done");
    expect(posts()).toHaveLength(1);
  });

  it("keeps the sentence of a failure, and starts anew when wanted", async () => {
    answers = () => ({ status: 422, body: { title: "Bad value", detail: "Why.", field: "x" } });
    const request = fresh();
    startRun(request, false, true);
    await settled();
    expect(runOf(request).value).toMatchObject({
      state: "failed",
      error: { title: "Bad value", field: "x" },
    });
    startRun(request, false, true);
    expect(posts()).toHaveLength(1);
    answers = (_, body) => ({ body: { results: [meta(body!)] } });
    startRun(request, true, true);
    await settled();
    expect(runOf(request).value.state).toBe("done");
  });

  it("ends on the server when one turns away, unless it was wanted or one comes back", async () => {
    answers = () => ({ status: 202, body: { job: { id: "j2", progress: { done: 0, total: 1 } } } });
    const [left, wanted, back] = [fresh(), fresh(), fresh()];
    for (const request of [left, wanted, back]) startRun(request, request === wanted, true);
    await settled();
    for (const request of [left, wanted, back]) leaveRun(request);
    startRun(back, false, true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked.filter((line) => line === "DELETE jobs/j2")).toHaveLength(1);
    expect([left, wanted, back].map((request) => runOf(request).value.state)).toEqual([
      "new",
      "running",
      "running",
    ]);
  });

  it("drops an answer that comes after its end, and cancels the job it names", async () => {
    let answer: (answer: Answer) => void = () => {};
    answers = (path) =>
      path === "attributions"
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : { body: {} };
    const request = fresh();
    startRun(request, true, true);
    await settled();
    cancelRun(request);
    answer({ status: 202, body: { job: { id: "late", progress: { done: 0, total: 1 } } } });
    await settled();
    expect(runOf(request).value.state).toBe("cancelled");
    expect(asked).toContain("DELETE jobs/late");
    expect(streams).toHaveLength(0);
  });

  it("survives a broken connection: it asks how the job stands and goes on", async () => {
    const jobs: unknown[] = [
      { state: "running", progress: { done: 5, total: 10 }, results: [] },
      { state: "done", results: [] },
    ];
    const request = fresh();
    answers = (path) =>
      path === "jobs/j3"
        ? { body: { ...(jobs.shift() as object), results: [meta(request)] } }
        : { status: 202, body: { job: { id: "j3", progress: { done: 0, total: 10 } } } };
    startRun(request, false, true);
    await settled();
    const breakOff = (stream: FakeStream | undefined) => {
      stream?.close();
      stream?.onerror?.();
    };
    breakOff(streams[0]);
    expect(runOf(request).value.lost).toBe(true);
    await vi.advanceTimersByTimeAsync(2000);
    expect(streams).toHaveLength(2);
    breakOff(streams[1]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(runOf(request).value.state).toBe("done");
  });
});
