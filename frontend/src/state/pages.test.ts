import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import { type FetchPage, Pages } from "./pages";

const TOTAL = 1000;

/** A list of numbers, counted from `source`, whose cursor is the next place. */
const count: FetchPage<number> = async (source, cursor, limit) => {
  const at = Number(cursor ?? 0);
  const length = Math.min(limit, TOTAL - at);
  return {
    items: Array.from({ length }, (_, i) => Number(source) + at + i),
    total: TOTAL,
    next: at + length < TOTAL ? String(at + length) : null,
  };
};

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const sizes = { near: 10, far: 100 };

describe("Pages", () => {
  it("reads one page at first, and more only as far as wanted", async () => {
    const fetch = vi.fn(count);
    const pages = new Pages(fetch, sizes);
    pages.open("0");
    await settle();
    expect(pages.state.value).toMatchObject({ total: TOTAL, loading: false, stale: false });
    expect(pages.state.value.items).toHaveLength(10);
    pages.want(25);
    await settle();
    expect(pages.state.value.items).toEqual(Array.from({ length: 30 }, (_, i) => i));
    pages.want(12);
    await settle();
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it("takes larger steps when far, and stops at the end", async () => {
    const fetch = vi.fn(count);
    const pages = new Pages(fetch, sizes);
    pages.open("0");
    await settle();
    pages.want(5000);
    await settle();
    expect(pages.state.value.items).toHaveLength(TOTAL);
    expect(pages.state.value.items[TOTAL - 1]).toBe(TOTAL - 1);
    expect(fetch.mock.calls.length).toBeLessThanOrEqual(12);
  });

  it("keeps the old items until the new list's first page is there, and drops late answers", async () => {
    const release: (() => void)[] = [];
    const slow: FetchPage<number> = async (source, cursor, limit, signal) => {
      await new Promise<void>((resolve) => release.push(resolve));
      return count(source, cursor, limit, signal);
    };
    const pages = new Pages(slow, sizes);
    pages.open("0");
    release.shift()?.();
    await settle();
    pages.open("5000");
    pages.open("7000");
    expect(pages.state.value).toMatchObject({ source: "7000", stale: true });
    expect(pages.state.value.items[0]).toBe(0);
    release[1]?.();
    await settle();
    release[0]?.();
    await settle();
    expect(pages.state.value.items[0]).toBe(7000);
    expect(pages.state.value.items).toHaveLength(10);
  });

  it("asks nothing again for the same source", async () => {
    const fetch = vi.fn(count);
    const pages = new Pages(fetch, sizes);
    pages.open("0");
    pages.open("0");
    await settle();
    expect(fetch).toHaveBeenCalledOnce();
  });

  it("says why it failed and goes on at a retry", async () => {
    const fetch = vi.fn(count);
    fetch.mockRejectedValueOnce(new ApiError("The server does not answer"));
    const pages = new Pages(fetch, sizes);
    pages.open("0");
    await settle();
    expect(pages.state.value).toMatchObject({ stale: true, loading: false });
    expect(pages.state.value.error?.title).toBe("The server does not answer");
    pages.want(10);
    await settle();
    expect(fetch).toHaveBeenCalledOnce();
    pages.retry();
    await settle();
    expect(pages.state.value).toMatchObject({ error: null, stale: false });
    expect(pages.state.value.items).toHaveLength(10);
  });

  it("refreshes in place without losing what was loaded", async () => {
    let add = 0;
    const fetch: FetchPage<number> = async (...request) => {
      const page = await count(...request);
      return { ...page, items: page.items.map((item) => item + add) };
    };
    const pages = new Pages(fetch, sizes);
    pages.open("0");
    await settle();
    pages.want(20);
    await settle();
    add = 0.5;
    await pages.refresh();
    expect(pages.state.value.items).toEqual(Array.from({ length: 20 }, (_, i) => i + 0.5));
  });
});
