// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import {
  decimal,
  format,
  href,
  integer,
  navigate,
  parse,
  patched,
  query,
  settleUrl,
  startUrl,
  view,
} from "./url";

beforeEach(() => {
  navigate(Object.fromEntries(Object.keys(query.peek()).map((name) => [name, null])), "replace");
});

describe("patched", () => {
  it("sets, overwrites and takes away", () => {
    expect(patched({ a: "1", b: "2" }, { b: 3, c: true, a: null })).toEqual({ b: "3", c: "true" });
  });

  it("takes the empty text away, but keeps zero and false", () => {
    expect(patched({ q: "x" }, { q: "", draw: 0, correct: false })).toEqual({
      draw: "0",
      correct: "false",
    });
  });
});

describe("format and parse", () => {
  it("read back what they wrote, whatever the characters", () => {
    const values = { q: "a&b=c d?#é", where: 'question contains "blue"' };
    expect(parse(format(values))).toEqual(values);
  });

  it("keep the page's own path where no parameter is set", () => {
    expect(format({})).toBe("./");
  });
});

describe("numbers", () => {
  it("are read only where they are whole", () => {
    expect(integer({ n: "12" }, "n")).toBe(12);
    for (const text of ["1.5", "x", "", "1e3"]) expect(integer({ n: text }, "n")).toBeNull();
    expect(integer({}, "n")).toBeNull();
  });

  it("are read only where they are finite", () => {
    expect(decimal({ n: "0.25" }, "n")).toBe(0.25);
    for (const text of ["", " ", "abc", "Infinity"]) expect(decimal({ n: text }, "n")).toBeNull();
  });
});

describe("navigate", () => {
  it("adds a step to the history, and none for the same address or a replacement", () => {
    const steps = history.length;
    navigate({ example: 19 });
    expect(history.length).toBe(steps + 1);
    navigate({ example: 19 });
    navigate({ q: "blue" }, "replace");
    expect(history.length).toBe(steps + 1);
    settleUrl();
    expect(location.search).toBe("?example=19&q=blue");
  });

  it("writes a drag to the address bar a few times a second, and its end for sure", () => {
    navigate({ zoom: "2" }, "replace");
    settleUrl();
    for (let i = 3; i < 100; i++) navigate({ zoom: i }, "replace");
    expect(query.value.zoom).toBe("99");
    expect(location.search).toBe("?zoom=2");
    settleUrl();
    expect(location.search).toBe("?zoom=99");
  });

  it("writes a choice at once, however soon it follows another", () => {
    navigate({ zoom: 2 }, "replace");
    navigate({ zoom: 3 }, "replace");
    navigate({ by: "label" }, "replace");
    expect(location.search).toBe("?zoom=3&by=label");
    navigate({ input: "photo" }, "replace");
    expect(location.search).toBe("?zoom=3&by=label&input=photo");
  });

  it("leaves the other parameters alone", () => {
    navigate({ label: "3", method: "Occlusion" });
    navigate({ view: "explain" });
    expect(query.value).toEqual({ label: "3", method: "Occlusion", view: "explain" });
    expect(href({ label: null })).toBe("?method=Occlusion&view=explain");
  });
});

describe("view", () => {
  it("is the gallery where the address names none or one that is not known", () => {
    expect(view.value).toBe("examples");
    navigate({ view: "explain" });
    expect(view.value).toBe("explain");
    navigate({ view: "nonsense" });
    expect(view.value).toBe("examples");
  });
});

describe("startUrl", () => {
  it("follows back and forward, and hides the token", () => {
    navigate({ token: "secret", q: "a" }, "replace");
    startUrl();
    expect(location.search).toBe("?q=a");
    history.replaceState(null, "", "?q=b");
    dispatchEvent(new PopStateEvent("popstate"));
    expect(query.value).toEqual({ q: "b" });
  });
});
