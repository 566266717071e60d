// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { bindKeys } from "./keys";

const press = (key: string, target: EventTarget = document.body, more: KeyboardEventInit = {}) =>
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
  );

let unbind = () => {};
afterEach(() => {
  unbind();
  document.body.replaceChildren();
});

describe("bindKeys", () => {
  it("calls what is bound, until it is unbound", () => {
    const help = vi.fn();
    unbind = bindKeys({ "?": help });
    press("?");
    press("x");
    expect(help).toHaveBeenCalledOnce();
    unbind();
    press("?");
    expect(help).toHaveBeenCalledOnce();
  });

  it("knows keys pressed one after the other", () => {
    const go = vi.fn();
    unbind = bindKeys({ "g e": go });
    for (const key of ["g", "x", "e"]) press(key);
    expect(go).not.toHaveBeenCalled();
    for (const key of ["g", "e", "e"]) press(key);
    expect(go).toHaveBeenCalledOnce();
  });

  it("leaves typing, other keys' modifiers and open dialogs alone", () => {
    const act = vi.fn();
    unbind = bindKeys({ "/": act });
    const field = document.createElement("input");
    document.body.append(field);
    press("/", field);
    press("/", document.body, { ctrlKey: true });
    const dialog = document.createElement("dialog");
    dialog.setAttribute("open", "");
    document.body.append(dialog);
    press("/");
    expect(act).not.toHaveBeenCalled();
  });
});
