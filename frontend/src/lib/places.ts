// Outputs whose scores stand at several places (positions, pixels, heads): which number is where.

export interface HeadInfo {
  readonly name: string;
  readonly kind: "classes" | "regression" | "multilabel";
  /** Empty where the classes are too many to list. */
  readonly names: readonly string[];
  readonly size: number;
  readonly unit: string | null;
}

export interface PlacesInfo {
  readonly what: "position" | "pixel" | "head";
  readonly of: string | null;
  /** One for each place of kind "head"; else a single one for all places. */
  readonly heads: readonly HeadInfo[];
  readonly background: number | null;
}

/** Which classes there are at a place. */
export function headAt(places: PlacesInfo, place: number): HeadInfo {
  return places.heads[places.what === "head" ? place : 0] ?? places.heads[0]!;
}

/** The index of a place's first number: targets count through one place after another. */
export function startOf(places: PlacesInfo, place: number): number {
  if (places.what !== "head") return place * headAt(places, 0).size;
  return places.heads.slice(0, place).reduce((sum, { size }) => sum + size, 0);
}

/** The place that a target belongs to. */
export function placeOf(places: PlacesInfo, index: number): number {
  if (places.what !== "head") return Math.floor(index / headAt(places, 0).size);
  let left = index;
  const found = places.heads.findIndex(({ size }) => {
    left -= size;
    return left < 0;
  });
  return found < 0 ? places.heads.length - 1 : found;
}

/** [place, class] -> the index that counts through all places. */
export function flatIndex(places: PlacesInfo, path: readonly number[]): number | null {
  const [place, kind] = path;
  if (path.length === 1) return place ?? null;
  if (path.length !== 2 || place === undefined || kind === undefined) return null;
  return kind < headAt(places, place).size ? startOf(places, place) + kind : null;
}

/** Where a place is, in words; pixels lie in rows of `width`. */
export function placeName(places: PlacesInfo, place: number, width: number): string {
  if (places.what === "head") return headAt(places, place).name;
  if (places.what === "position") return `position ${place}`;
  return `x ${place % width}, y ${Math.floor(place / width)}`;
}

/** What a target is called: a class, and where. */
export function targetName(places: PlacesInfo, index: number, width: number): string {
  const place = placeOf(places, index);
  const head = headAt(places, place);
  const kind = index - startOf(places, place);
  const name = head.names[kind] ?? `class ${kind}`;
  if (places.what !== "head") return `${name} at ${placeName(places, place, width)}`;
  return head.kind === "regression" ? head.name : `${head.name}: ${name}`;
}
