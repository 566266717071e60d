export interface Piece {
  text: string;
  hit: boolean;
}

/** Splits a text into what matches a search (ignoring case) and what does not. */
export function highlight(text: string, search: string): Piece[] {
  if (search === "") return [{ text, hit: false }];
  const lower = text.toLowerCase();
  const wanted = search.toLowerCase();
  // Lower-casing may change the length of some scripts; then nothing is marked rather than the wrong place.
  if (lower.length !== text.length) return [{ text, hit: false }];
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: text.slice(from, at), hit: false });
    pieces.push({ text: text.slice(at, at + wanted.length), hit: true });
    from = at + wanted.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hit: false });
  return pieces;
}
