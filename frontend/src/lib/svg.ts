// A panel as an SVG of its own: pictures as data, everything else as text and shapes. All strings are escaped.

export interface ScaleBar {
  /** Colours from the low end to the high one. */
  readonly colours: readonly string[];
  readonly low: string;
  readonly high: string;
}

export interface Look {
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  /** The width of a text in pixels. */
  readonly measure: (text: string, size: number) => number;
}

export interface PicturesDrawing {
  readonly kind: "pictures";
  readonly title: string;
  readonly pictures: readonly { href: string; caption: string; width: number; height: number }[];
  readonly scale: ScaleBar | null;
}

export interface WordsDrawing {
  readonly kind: "words";
  readonly title: string;
  readonly words: readonly { text: string; value: string; back: string; ink: string }[];
  readonly rightToLeft: boolean;
  readonly scale: ScaleBar | null;
}

export interface BarsDrawing {
  readonly kind: "bars";
  readonly title: string;
  /** `share`: -1..1 of the longest bar. */
  readonly bars: readonly { label: string; value: string; share: number; colour: string }[];
}

export type Drawing = PicturesDrawing | WordsDrawing | BarsDrawing;

const MARGIN = 16;
const WIDTH = 640;
const FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";

/** A text that is safe in SVG and HTML, between tags and in attributes. */
export function escaped(text: string): string {
  const names: Record<string, string> = {
    "&": "amp",
    "<": "lt",
    ">": "gt",
    '"': "quot",
    "'": "#39",
  };
  // Characters that XML cannot hold at all would make the whole file unreadable.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  const held = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
  return held.replace(/[&<>"']/g, (character) => `&${names[character]};`);
}

/** The drawing as a whole SVG file. */
export function svgOf(drawing: Drawing, look: Look): string {
  const { body, bottom } = bodyOf(drawing, look);
  const height = Math.ceil(bottom + MARGIN);
  const title = textAt(MARGIN, MARGIN + 12, drawing.title, 14, look.ink, "bold");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="${escaped(FONT)}">`,
    `<title>${escaped(drawing.title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="${escaped(look.paper)}"/>`,
    title,
    body,
    "</svg>\n",
  ].join("\n");
}

interface Part {
  body: string;
  /** Where the next thing may begin. */
  bottom: number;
}

const TOP = MARGIN + 26;

function bodyOf(drawing: Drawing, look: Look): Part {
  if (drawing.kind === "bars") return barsOf(drawing, look);
  const part = drawing.kind === "pictures" ? picturesOf(drawing, look) : wordsOf(drawing, look);
  if (!drawing.scale) return part;
  return {
    body: `${part.body}\n${scaleOf(drawing.scale, part.bottom + 12, look)}`,
    bottom: part.bottom + 26,
  };
}

function picturesOf({ pictures }: PicturesDrawing, look: Look): Part {
  const gap = 12;
  const each = (WIDTH - 2 * MARGIN - gap * (pictures.length - 1)) / Math.max(1, pictures.length);
  const tallest = Math.max(0, ...pictures.map(({ width, height }) => (each * height) / width));
  const body = pictures.map(({ href, caption, width, height }, i) => {
    const x = MARGIN + i * (each + gap);
    const tall = (each * height) / width;
    return (
      `<image x="${x}" y="${TOP}" width="${each}" height="${tall}" href="${escaped(href)}" ` +
      `style="image-rendering:pixelated"/>` +
      `<rect x="${x}" y="${TOP}" width="${each}" height="${tall}" fill="none" stroke="${escaped(look.line)}"/>` +
      textAt(x, TOP + tallest + 16, caption, 12, look.faint)
    );
  });
  return { body: body.join("\n"), bottom: TOP + tallest + 22 };
}

function wordsOf({ words, rightToLeft }: WordsDrawing, look: Look): Part {
  const [size, small, high, gap] = [16, 11, 42, 4];
  let [x, y] = [MARGIN, TOP];
  const body = words.map(({ text, value, back, ink }) => {
    const width = 12 + Math.max(look.measure(text, size), look.measure(value, small));
    if (x + width > WIDTH - MARGIN && x > MARGIN) [x, y] = [MARGIN, y + high + gap];
    const left = rightToLeft ? WIDTH - x - width : x;
    const middle = left + width / 2;
    x += width + gap;
    return (
      `<rect x="${left}" y="${y}" width="${width}" height="${high}" rx="4" fill="${escaped(back)}"/>` +
      textAt(middle, y + 19, text, size, ink, "", "middle") +
      textAt(middle, y + 35, value, small, ink, "", "middle")
    );
  });
  return { body: body.join("\n"), bottom: y + high };
}

function barsOf({ bars }: BarsDrawing, look: Look): Part {
  const [from, to, row] = [260, 520, 22];
  const both = bars.some(({ share }) => share < 0);
  const zero = both ? (from + to) / 2 : from;
  const full = both ? (to - from) / 2 : to - from;
  const body = bars.map(({ label, value, share, colour }, i) => {
    const y = TOP + i * row;
    const width = Math.abs(share) * full;
    return (
      textAt(MARGIN, y + 13, label, 12, look.ink) +
      `<rect x="${share < 0 ? zero - width : zero}" y="${y + 3}" width="${width}" height="12" fill="${escaped(colour)}"/>` +
      textAt(WIDTH - MARGIN, y + 13, value, 12, look.ink, "", "end")
    );
  });
  return { body: body.join("\n"), bottom: TOP + bars.length * row };
}

function scaleOf({ colours, low, high }: ScaleBar, y: number, look: Look): string {
  const start = MARGIN + look.measure(low, 12) + 10;
  const stops = colours
    .map(
      (colour, i) => `<stop offset="${i / (colours.length - 1)}" stop-color="${escaped(colour)}"/>`,
    )
    .join("");
  return [
    `<linearGradient id="scale">${stops}</linearGradient>`,
    textAt(MARGIN, y + 9, low, 12, look.faint),
    `<rect x="${start}" y="${y}" width="140" height="10" fill="url(#scale)" stroke="${escaped(look.line)}"/>`,
    textAt(start + 150, y + 9, high, 12, look.faint),
  ].join("\n");
}

function textAt(
  x: number,
  y: number,
  text: string,
  size: number,
  colour: string,
  weight = "",
  anchor = "",
): string {
  const bold = weight && ` font-weight="${weight}"`;
  const place = anchor && ` text-anchor="${anchor}"`;
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${escaped(colour)}"${bold}${place}>${escaped(text)}</text>`;
}
