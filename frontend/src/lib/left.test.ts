import { expect, test } from "vitest";
import { passesLeft } from "./left";

test("what is left follows from what is done, once that can be told", () => {
  expect(passesLeft(0, 100, 0, 9000)).toBe("Starting; other work goes first.");
  expect(passesLeft(10, 1000, 0, 1000)).toBe("10 of 1,000 passes");
  expect(passesLeft(100, 1000, 1000, 11_000)).toBe("100 of 1,000 passes, about 1 min 30 s left");
});
