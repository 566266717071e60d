import type { Board } from "../state/board";

export function Explain({ board }: { board: Board }) {
  return <section aria-label="Explain">{board.name}</section>;
}
