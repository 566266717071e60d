import { describe, expect, it } from "vitest";
import { csvOf, jsonOf } from "./export";

const exported = {
  meta: { key: "abc", seed: 0 },
  arrays: {
    photo: { shape: [1, 2, 2], data: Float32Array.from([1, 2, 3, 4]) },
    question: { shape: [2], data: Float32Array.from([0.5, Number.NaN]) },
  },
  names: { question: ['=HYPERLINK("x")', 'say "hi", you'] },
};

describe("results as files", () => {
  it("are rows with a place, a name and a value, and no formula of the data's", () => {
    const lines = csvOf(exported).split("\r\n");
    expect(lines[0]).toBe("input,place,name,value");
    expect(lines).toHaveLength(8);
    expect(lines[4]).toBe("photo,0 1 1,,4");
    expect(lines[5]).toBe(`question,0,"'=HYPERLINK(""x"")",0.5`);
    expect(lines[6]).toBe('question,1,"say ""hi"", you",NaN');
  });

  it("are nested lists beside where they come from", () => {
    const read = JSON.parse(jsonOf(exported));
    expect(read.result).toEqual(exported.meta);
    expect(read.attributions.photo.values).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    expect(read.attributions.question.values).toEqual([0.5, null]);
  });
});
