// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, address, get, isAbort } from "./client";

afterEach(() => vi.restoreAllMocks());

function answer(status: number, body: string, type = "application/problem+json") {
  const headers = { "Content-Type": type };
  vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(body, { status, headers }));
}

const failure = () => get("api/examples").catch((error: unknown) => error as ApiError);

describe("failures", () => {
  it("carry the server's own words and field", async () => {
    answer(
      422,
      '{"title":"Cannot read the condition","detail":"After = comes a value.","field":"where"}',
    );
    expect(await failure()).toMatchObject({
      title: "Cannot read the condition",
      detail: "After = comes a value.",
      field: "where",
      status: 422,
    });
  });

  it("are a sentence even where the answer is no problem document", async () => {
    answer(502, "<html>bad gateway</html>", "text/html");
    const error = await failure();
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).title).toContain("502");
  });

  it("say that the server does not answer", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("Failed to fetch"));
    expect(await failure()).toMatchObject({ title: "The server does not answer", status: 0 });
  });

  it("leave an abort an abort", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new DOMException("", "AbortError"));
    expect(isAbort(await failure())).toBe(true);
  });
});

it("addresses are relative to the page, so that a proxy's path is kept", () => {
  document.head.innerHTML = '<base href="http://host/lab/proxy/8321/">';
  expect(address("api/board")).toBe("http://host/lab/proxy/8321/api/board");
  expect(address("api/x", new URLSearchParams({ a: "b c" }))).toMatch(
    /proxy\/8321\/api\/x\?a=b\+c$/,
  );
  document.head.innerHTML = "";
});
