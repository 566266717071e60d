import { board } from "../state/board";

/** What looks wrong with the board itself: dropout left on, rows that influence one another. */
export function BoardWarnings() {
  const warnings = board.value?.warnings ?? [];
  if (!warnings.length) return null;
  return (
    <ul class="warnings" aria-label="Warnings about the board">
      {warnings.map((warning) => (
        <li key={warning}>{warning}</li>
      ))}
    </ul>
  );
}
