import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Board, ExampleDetail } from "../../state/board";
import { exampleIndex, examples } from "../../state/examples";
import { detail, exampleState, retryExample, showFirst } from "../../state/explain";
import { Button } from "../Button";
import { Hint, Notice } from "../Notice";
import { ExampleStrip } from "./ExampleStrip";

interface OpenExampleProps {
  board: Board;
  /** The view's name. */
  title: string;
  children: (example: ExampleDetail) => ComponentChildren;
}

/** The example in the address beside the list it is from; what stands there until it is open, or cannot be. */
export function OpenExample({ board, title, children }: OpenExampleProps) {
  const { items, total, loading } = examples.value;
  const chosen = exampleIndex.value !== null;
  useEffect(() => {
    if (!chosen && items.length) showFirst();
  }, [chosen, items.length]);
  if (!chosen && !items.length) return <NoExample loading={loading || total > 0} />;
  return (
    <section class="explain" aria-label={title}>
      <ExampleStrip board={board} />
      {detail.value ? children(detail.value) : <Opening />}
    </section>
  );
}

function Opening() {
  const { error } = exampleState.value;
  return (
    <div class="explain-main">
      {error ? (
        <>
          <Notice error={error} retry={retryExample} />
          <p>
            <Button onClick={showFirst}>Show the first example</Button>
          </p>
        </>
      ) : (
        <p class="muted">Opening the example…</p>
      )}
    </div>
  );
}

function NoExample({ loading }: { loading: boolean }) {
  return (
    <div class="centered">
      {loading ? (
        <p class="muted">Opening the examples…</p>
      ) : (
        <Hint>No example matches the filter. Widen it in Examples, then open one.</Hint>
      )}
    </div>
  );
}
