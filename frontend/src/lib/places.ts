// Outputs whose scores stand at several places (positions, pixels, heads): which number is where.

export interface HeadInfo {
  readonly name: string;
  readonly kind: "classes" | "regression" | "multilabel";
  /** Empty where the classes are too many to list. */
  readonly names: readonly string[];
  readonly size: number;
  readonly unit: string | null;
  /** What its places are, where one of several heads has many. */
  readonly what: "position" | "pixel" | null;
  readonly of: string | null;
  readonly background: number | null;
}

export interface PlacesInfo {
  readonly what: "position" | "pixel" | "head";
  readonly of: string | null;
  /** In the order of their places; a single one where all places have the same classes. */
  readonly heads: readonly HeadInfo[];
  readonly background: number | null;
  /** The places of each head of one example: [1], [count], or [height, width] of pixels. */
  readonly parts?: readonly (readonly number[])[];
}

/** A head with its places, which follow one another. */
export interface Span {
  /** Its place among the heads. */
  readonly index: number;
  readonly head: HeadInfo;
  readonly what: "position" | "pixel" | null;
  readonly of: string | null;
  readonly background: number | null;
  readonly first: number;
  readonly count: number;
  readonly shape: readonly number[];
  /** The index of the first place's first number. */
  readonly start: number;
}

/** The heads one after another; a single one, of all places, where all have the same classes. */
export function spansOf(places: PlacesInfo): Span[] {
  let [first, start] = [0, 0];
  return places.heads.map((head, index) => {
    const shape = places.parts?.[index] ?? [1];
    const count = shape.reduce((product, side) => product * side, 1);
    const what = places.what === "head" ? head.what : places.what;
    const { of, background } = places.what === "head" ? head : places;
    const span = { index, head, what, of, background, first, count, shape, start };
    first += count;
    start += count * head.size;
    return span;
  });
}

/** The head that a place belongs to. */
export function spanAt(places: PlacesInfo, place: number): Span {
  const spans = spansOf(places);
  return spans.findLast(({ first }) => first <= place) ?? spans[0]!;
}

/** Which classes there are at a place. */
export function headAt(places: PlacesInfo, place: number): HeadInfo {
  return spanAt(places, place).head;
}

/** The index of a place's first number: targets count through one place after another. */
export function startOf(places: PlacesInfo, place: number): number {
  const { start, first, head } = spanAt(places, place);
  return start + (place - first) * head.size;
}

/** The place that a target belongs to. */
export function placeOf(places: PlacesInfo, index: number): number {
  const spans = spansOf(places);
  const { first, start, head } = spans.findLast((span) => span.start <= index) ?? spans[0]!;
  const within = Math.floor((index - start) / head.size);
  return first + within;
}

/** [place, class], [head, class], or with the pixel's row and column or the position in between -> the index that counts through all places. */
export function flatIndex(places: PlacesInfo, path: readonly number[]): number | null {
  if (path.length === 1) return path[0] ?? null;
  const spans = spansOf(places);
  const span = places.what === "head" ? spans[path[0] ?? -1] : spans[0];
  const rest = places.what === "head" ? path.slice(1) : path;
  const kind = rest.at(-1);
  if (!span || kind === undefined || kind >= span.head.size) return null;
  const within = placeWithin(span, rest.slice(0, -1));
  return within === null ? null : span.start + within * span.head.size + kind;
}

/** A place of a head from its own path: none for a plain one, else its number, or row and column. */
function placeWithin({ what, shape }: Span, path: readonly number[]): number | null {
  const [first, second] = path;
  if (path.length === 0) return what === null ? 0 : null;
  if (what === null || first === undefined) return null;
  if (path.length === 1) return first;
  return path.length === 2 && what === "pixel" ? first * (shape[1] ?? 1) + (second ?? 0) : null;
}

/** Where a place is, in words; pixels lie in rows of `width`. */
export function placeName(places: PlacesInfo, place: number, width: number): string {
  const { what, first, shape, head } = spanAt(places, place);
  const [at, wide] = [place - first, (places.parts && shape[1]) || width];
  if (what === "position") return `position ${at}`;
  return what === null ? head.name : `x ${at % wide}, y ${Math.floor(at / wide)}`;
}

/** What a target is called: a class, and where. */
export function targetName(places: PlacesInfo, index: number, width: number): string {
  const place = placeOf(places, index);
  const { head, what } = spanAt(places, place);
  const kind = index - startOf(places, place);
  const name = head.names[kind] ?? `class ${kind}`;
  const there = what === null ? name : `${name} at ${placeName(places, place, width)}`;
  if (places.what !== "head") return there;
  return head.kind === "regression" ? head.name : `${head.name}: ${there}`;
}
