import { expect, it } from "vitest";
import { count, integer, names, percent, probability } from "./format";

it("groups digits and agrees in number", () => {
  expect(integer(9673)).toBe("9,673");
  expect(count(1, "example")).toBe("1 example");
  expect(count(0, "example")).toBe("0 examples");
});

it("does not call 0.9999 certain", () => {
  expect(probability(0.99951)).toBe(">0.999");
  expect(probability(1)).toBe("1.000");
  expect(probability(0.0004)).toBe("<0.001");
  expect(probability(0)).toBe("0.000");
  expect(probability(0.5314)).toBe("0.531");
});

it("writes shares and names", () => {
  expect(percent(0.9955)).toBe("99.6 %");
  expect(names(["a", "b"])).toBe("a, b");
  expect(names([])).toBe("none");
  expect(names(null)).toBeNull();
});
