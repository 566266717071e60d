// Where the names of lines go, so that none lies over another.

/** Places from top to bottom at least `step` apart, each as near to the one it wants as the others let it. */
export function spread(wanted: readonly number[], step: number, top: number, bottom: number) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  const places = [...wanted];
  let least = top;
  for (const i of order) {
    places[i] = Math.max(wanted[i]!, least);
    least = places[i]! + step;
  }
  let most = bottom;
  for (const i of order.reverse()) {
    places[i] = Math.min(places[i]!, most);
    most = places[i]! - step;
  }
  return places;
}
