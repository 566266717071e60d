import { afterEach, expect, it, vi } from "vitest";
import { leavePictures, loadPicture } from "./picture";

const asked: string[] = [];
const ended: Array<() => void> = [];

class Slow {
  naturalWidth = 3;
  naturalHeight = 2;
  #fail = (_: Error) => {};
  set src(url: string) {
    if (url) asked.push(url);
    else this.#fail(new Error("given up"));
  }
  decode(): Promise<void> {
    return new Promise((done, fail) => {
      ended.push(done);
      this.#fail = fail;
    });
  }
}

vi.stubGlobal("Image", Slow);

afterEach(() => {
  asked.length = ended.length = 0;
});

it("asks once for a picture", async () => {
  const both = [
    loadPicture("api/examples/1/inputs/photo"),
    loadPicture("api/examples/1/inputs/photo"),
  ];
  for (const end of ended) end();
  expect(await both[0]).toBe(await both[1]);
  expect(asked).toEqual(["api/examples/1/inputs/photo"]);
});

it("gives up what belongs to a removed example, and nothing else", async () => {
  const removed = loadPicture("api/examples/96/inputs/photo");
  const other = loadPicture("api/examples/967/inputs/photo");
  const comeBack = leavePictures("api/examples/96/");
  await expect(removed).rejects.toThrow("given up");
  await expect(loadPicture("api/examples/96/inputs/photo")).rejects.toThrow("was removed");
  expect(asked).toHaveLength(2);
  for (const end of ended) end();
  expect((await other).width).toBe(3);
  comeBack();
  void loadPicture("api/examples/96/inputs/photo");
  expect(asked).toHaveLength(3);
});
