import { expect, it } from "vitest";
import { idsIn } from "./ids";

it("reads lines, commas, tabs and quotes, each id once", () => {
  expect(idsIn("3\n5, 3;7\t'9'\n\n")).toEqual(["3", "5", "7", "9"]);
});

it("reads the column of a table by its head", () => {
  expect(idsIn("name,index\na,3\nb,5\n")).toEqual(["3", "5"]);
  expect(idsIn("name,index\na,3\nb,5\n", "name")).toEqual(["a", "b"]);
});

it("reads JSON lists of ids and of rows", () => {
  expect(idsIn("[3, 5]")).toEqual(["3", "5"]);
  expect(idsIn('[{"index": 3}, {"index": 4, "name": "x"}]')).toEqual(["3", "4"]);
  expect(idsIn('[{"index": 3}, {"name": "x"}]', "name")).toEqual(["x"]);
  expect(idsIn("7")).toEqual(["7"]);
});
