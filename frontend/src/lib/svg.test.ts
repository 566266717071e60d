import { describe, expect, it } from "vitest";
import { escaped, type Look, svgOf } from "./svg";

const look: Look = {
  paper: "#fff",
  ink: "#000",
  faint: "#666",
  line: "#ddd",
  measure: (text, size) => (text.length * size) / 2,
};
const scale = { colours: ["orange", "white", "blue"], low: "−1 against", high: "for +1" };

describe("escaped", () => {
  it("leaves nothing that opens a tag, ends an attribute, or XML cannot hold", () => {
    expect(escaped(`<img src="x" onerror='alert(1)'>&`)).toBe(
      "&lt;img src=&quot;x&quot; onerror=&#39;alert(1)&#39;&gt;&amp;",
    );
    expect(escaped("a\u0000b\u001bc")).toBe("a\ufffdb\ufffdc");
  });
});

describe("svgOf", () => {
  it("writes words with their values, in lines that fit, and from the right where they run so", () => {
    const words = Array.from({ length: 40 }, (_, i) => ({
      text: `<b>${i}`,
      value: String(i),
      back: "red",
      ink: "#fff",
    }));
    const text = svgOf({ kind: "words", title: "q & a", words, rightToLeft: false, scale }, look);
    expect(text).toContain("&lt;b&gt;39");
    expect(text).not.toContain("<b>");
    expect(text).toContain("<title>q &amp; a</title>");
    const places = [
      ...text.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="42"/g),
    ];
    expect(places).toHaveLength(40);
    for (const [, x, , width] of places) expect(Number(x) + Number(width)).toBeLessThanOrEqual(624);
    const back = svgOf({ kind: "words", title: "", words, rightToLeft: true, scale: null }, look);
    const first = /<rect x="([\d.]+)" y="42" width="([\d.]+)" height="42"/.exec(back);
    expect(Number(first?.[1]) + Number(first?.[2])).toBe(624);
  });

  it("holds pictures as data, and bars to both sides of zero", () => {
    const picture = {
      href: "data:image/png;base64,AA==",
      caption: "original",
      width: 4,
      height: 2,
    };
    const text = svgOf({ kind: "pictures", title: "photo", pictures: [picture], scale }, look);
    expect(text).toContain('href="data:image/png;base64,AA=="');
    expect(text).toContain('width="608" height="304"');
    const bars = [1, -0.5].map((share) => ({ label: "x", value: "1", share, colour: "blue" }));
    const drawn = svgOf({ kind: "bars", title: "row", bars }, look);
    expect(drawn).toContain('<rect x="390" y="45" width="130"');
    expect(drawn).toContain('<rect x="325" y="67" width="65"');
  });
});
