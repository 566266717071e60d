// Painting over a picture, pixel by pixel, so that what is not painted stays exactly as it was.

export type Fill = "mean" | "black" | "white" | "blur" | "colour";

export interface Stroke {
  /** Corners of a box, or places a round brush went over, in pixels of the picture. */
  readonly kind: "box" | "brush" | "restore";
  readonly points: readonly (readonly [number, number])[];
  /** The brush's diameter, in pixels of the picture. */
  readonly size: number;
  readonly fill: Fill;
  /** As "#rrggbb". */
  readonly colour: string;
}

/** The picture with the strokes over it, in the size it has. */
export function paintedPicture(image: CanvasImageSource, width: number, height: number) {
  const original = pixelsOf(image, width, height);
  const blurred = pixelsOf(image, width, height, Math.max(width, height) / 16);
  return (canvas: HTMLCanvasElement, strokes: readonly Stroke[]): void => {
    canvas.width = width;
    canvas.height = height;
    const now = new ImageData(new Uint8ClampedArray(original.data), width, height);
    for (const stroke of strokes) {
      const source = sourceOf(stroke, original, blurred);
      for (const place of placesOf(stroke, width, height)) {
        for (let c = 0; c < 3; c++) now.data[4 * place + c] = source(place, c);
        now.data[4 * place + 3] =
          stroke.kind === "restore" ? (original.data[4 * place + 3] ?? 255) : 255;
      }
    }
    canvas.getContext("2d")?.putImageData(now, 0, 0);
  };
}

function pixelsOf(image: CanvasImageSource, width: number, height: number, blur = 0): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return new ImageData(width, height);
  if (blur > 0) context.filter = `blur(${blur}px)`;
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

type Source = (place: number, channel: number) => number;

function sourceOf({ kind, fill, colour }: Stroke, original: ImageData, blurred: ImageData): Source {
  if (kind === "restore") return (place, c) => original.data[4 * place + c]!;
  if (fill === "blur") return (place, c) => blurred.data[4 * place + c]!;
  const plain = fill === "mean" ? meanOf(original) : plainOf(fill, colour);
  return (_, c) => plain[c]!;
}

function plainOf(fill: Fill, colour: string): readonly number[] {
  if (fill === "black") return [0, 0, 0];
  if (fill === "white") return [255, 255, 255];
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

function meanOf({ data }: ImageData): readonly number[] {
  const sums = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) {
    for (let c = 0; c < 3; c++) sums[c]! += data[i + c]!;
  }
  return sums.map((sum) => Math.round((4 * sum) / data.length));
}

/** The pixels a stroke covers, each once. */
export function placesOf(stroke: Stroke, width: number, height: number): Set<number> {
  const places = new Set<number>();
  if (stroke.kind === "box") {
    const [from, to] = [stroke.points[0], stroke.points.at(-1)];
    if (from && to) cover(places, box(from, to), width, height, () => true);
    return places;
  }
  const radius = stroke.size / 2;
  for (const [x, y] of walked(stroke.points, Math.max(0.5, radius / 2))) {
    const around = box([x - radius, y - radius], [x + radius, y + radius]);
    cover(places, around, width, height, (px, py) => {
      const [dx, dy] = [px + 0.5 - x, py + 0.5 - y];
      return dx * dx + dy * dy <= radius * radius || (px === Math.floor(x) && py === Math.floor(y));
    });
  }
  return places;
}

type Box = readonly [number, number, number, number];
type Point = readonly [number, number];

function box([ax, ay]: Point, [bx, by]: Point): Box {
  return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)].map(
    Math.floor,
  ) as unknown as Box;
}

function cover(
  places: Set<number>,
  [x0, y0, x1, y1]: Box,
  width: number,
  height: number,
  inside: (x: number, y: number) => boolean,
): void {
  for (let y = Math.max(0, y0); y <= Math.min(height - 1, y1); y++) {
    for (let x = Math.max(0, x0); x <= Math.min(width - 1, x1); x++) {
      if (inside(x, y)) places.add(y * width + x);
    }
  }
}

/** The points with others between them, at most `step` apart, so that a quick stroke has no holes. */
function* walked(points: readonly Point[], step: number): Generator<Point> {
  let before = points[0];
  if (before) yield before;
  for (const next of points.slice(1)) {
    const [dx, dy] = [next[0] - before![0], next[1] - before![1]];
    const count = Math.max(1, Math.ceil(Math.hypot(dx, dy) / step));
    for (let i = 1; i <= count; i++)
      yield [before![0] + (dx * i) / count, before![1] + (dy * i) / count];
    before = next;
  }
}
