import { Notice } from "./components/Notice";
import { Shell } from "./components/Shell";
import { board, boardState, retryBoard } from "./state/board";
import { view } from "./state/url";
import { Compare } from "./views/Compare";
import { Dataset } from "./views/Dataset";
import { Examples } from "./views/Examples";
import { Explain } from "./views/Explain";
import { Modalities } from "./views/Modalities";
import { Trust } from "./views/Trust";

export function App() {
  return (
    <Shell>
      <Page />
    </Shell>
  );
}

function Page() {
  const { loading, error } = boardState.value;
  const info = board.value;
  if (info && view.value === "explain") return <Explain board={info} />;
  if (info && view.value === "compare") return <Compare board={info} />;
  if (info && view.value === "modalities") return <Modalities board={info} />;
  if (info && view.value === "dataset") return <Dataset board={info} />;
  if (info && view.value === "trust") return <Trust board={info} />;
  if (info) return <Examples board={info} />;
  return (
    <div class="centered">
      {error ? (
        <Notice error={error} retry={retryBoard} />
      ) : (
        loading && <p class="muted">Opening the board…</p>
      )}
    </div>
  );
}
