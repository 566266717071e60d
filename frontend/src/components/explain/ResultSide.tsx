import type { Board } from "../../state/board";
import type { Shown } from "../../state/explain";
import { Contributions } from "./Contributions";
import { MadeBy } from "./MadeBy";
import { Trust } from "./Trust";

/** What there is to say about a result beyond its picture. */
export function ResultSide({ board, shown }: { board: Board; shown: Shown | null }) {
  const meta = shown?.result?.meta;
  if (!meta) return <aside class="explain-side" aria-label="About the result" />;
  const method = board.methods.find(({ id }) => id === meta.method.id);
  return (
    <aside class={`explain-side ${shown.stale ? "stale" : ""}`} aria-label="About the result">
      <Contributions meta={meta} />
      <Trust shown={shown} meta={meta} complete={method?.complete ?? false} />
      <MadeBy board={board} meta={meta} />
    </aside>
  );
}
