import type { Board } from "../state/board";

export function Examples({ board }: { board: Board }) {
  return <section aria-label="Examples">{board.size} examples</section>;
}
