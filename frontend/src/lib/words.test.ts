import { describe, expect, it } from "vitest";
import { directionOf, lineStarts, topWords, unitFeatures, unitsOf, unitValues } from "./words";

function tokensOf(text: string, pieces: readonly string[]) {
  let place = 0;
  return pieces.map((piece, id) => {
    const start = piece.startsWith("[") ? null : text.indexOf(piece, place);
    const end = start === null ? null : start + piece.length;
    if (end !== null) place = end;
    return { text: piece, id, start, end, special: start === null };
  });
}

describe("units of a text", () => {
  const text = "Playing, we played.";
  const tokens = tokensOf(text, ["[CLS]", "Play", "ing", ",", "we", "play", "ed", ".", "[SEP]"]);

  it("are the tokens, or words with all their pieces", () => {
    expect(unitsOf(text, tokens, "tokens")).toHaveLength(9);
    const words = unitsOf(text, tokens, "words");
    expect(words.map((unit) => unit.text)).toEqual([
      "[CLS]",
      "Playing",
      ",",
      "we",
      "played",
      ".",
      "[SEP]",
    ]);
    expect(words[1]?.tokens).toEqual([1, 2]);
  });

  it("carry the sum of their tokens, or the value all of them share", () => {
    const words = unitsOf(text, tokens, "words");
    const values = Float32Array.from([0, 1, 2, 0, 0, 5, 5, 0, 0]);
    expect([...unitValues(words, values, false)]).toEqual([0, 3, 0, 0, 10, 0, 0]);
    expect(unitValues(words, values, true)[4]).toBe(5);
  });

  it("keep words of a script without spaces, and of one from right to left, apart", () => {
    const hebrew = "מה צבע המשולש";
    const units = unitsOf(hebrew, tokensOf(hebrew, ["מה", "צ", "בע", "המשולש"]), "words");
    expect(units.map((unit) => unit.tokens.length)).toEqual([1, 2, 1]);
    const chinese = "我喜欢猫";
    const signs = unitsOf(chinese, tokensOf(chinese, [..."我喜欢猫"]), "words");
    expect(signs.length).toBeGreaterThan(1);
  });

  it("run from the right where their first letter does, whatever comes before it", () => {
    expect(directionOf("123 \u201cשלום\u201d")).toBe("rtl");
    expect(directionOf("مرحبا hello")).toBe("rtl");
    expect(directionOf("hello שלום")).toBe("ltr");
    expect(directionOf("...")).toBe("ltr");
  });

  it("tell words that come twice apart, and add them up in the table", () => {
    const line = "the cat and the dog";
    const units = unitsOf(line, tokensOf(line, ["the", "cat", "and", "the", "dog"]), "words");
    const values = Float32Array.from([1, -4, 0, 2, 1]);
    expect(unitFeatures("q", units, values).map(({ note }) => note)).toEqual([
      "token 0",
      "",
      "",
      "token 3",
      "",
    ]);
    expect(topWords(units, values, 2)).toEqual([
      { word: "cat", times: 1, sum: -4, ids: ["1"] },
      { word: "the", times: 2, sum: 3, ids: ["0", "3"] },
    ]);
  });
});

it("lines of a text begin anew, and tokens between them go to both", () => {
  const at = (start: number | null, end: number | null) => ({
    text: "",
    id: 0,
    start,
    end,
    special: start === null,
  });
  const none = at(null, null);
  expect([...lineStarts("a b\nc", [at(0, 1), at(2, 3), at(4, 5)])]).toEqual([2]);
  const framed = [none, at(0, 1), none, none, at(2, 3), none];
  expect([...lineStarts("a\nc", framed)]).toEqual([3]);
  expect([...lineStarts("a\nc", [at(0, 1), none, at(2, 3)])]).toEqual([2]);
  expect(lineStarts("a c", [at(0, 1), at(2, 3)]).size).toBe(0);
});
