import { Notice } from "./components/Notice";
import { Shell } from "./components/Shell";
import { board, boardState, retryBoard } from "./state/board";
import { view } from "./state/url";
import { Examples } from "./views/Examples";
import { Explain } from "./views/Explain";

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
  if (info) return view.value === "explain" ? <Explain board={info} /> : <Examples board={info} />;
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
