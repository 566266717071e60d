import { useEffect } from "preact/hooks";
import { Button } from "../components/Button";
import { Agreement } from "../components/compare/Agreement";
import { CompareBar } from "../components/compare/CompareBar";
import { CompareTable } from "../components/compare/CompareTable";
import { measureAll } from "../components/compare/MeasureRows";
import { ExampleHeader } from "../components/explain/ExampleHeader";
import { ExampleStrip } from "../components/explain/ExampleStrip";
import { TargetBar } from "../components/explain/TargetBar";
import { Hint, Notice } from "../components/Notice";
import type { Board } from "../state/board";
import { cells, followColumns, kind } from "../state/compare";
import { exampleIndex, examples } from "../state/examples";
import {
  detail,
  exampleState,
  followExample,
  retryExample,
  showFirst,
  step,
} from "../state/explain";
import { bindKeys } from "../state/keys";

/** Do methods, targets or baselines agree on this example? */
export function Compare({ board }: { board: Board }) {
  useEffect(follow, []);
  const { items, total, loading } = examples.value;
  const chosen = exampleIndex.value !== null;
  useEffect(() => {
    if (!chosen && items.length) showFirst();
  }, [chosen, items.length]);
  if (!chosen && !items.length) return <NoExample loading={loading || total > 0} />;
  return (
    <section class="explain" aria-label="Compare">
      <ExampleStrip board={board} />
      <Example board={board} />
    </section>
  );
}

function follow(): () => void {
  const back = () => step(-1);
  const on = () => step(1);
  const ends = [
    followExample(),
    followColumns(),
    bindKeys({
      j: on,
      k: back,
      ArrowRight: on,
      ArrowLeft: back,
      m: () => measureAll(cells.peek()),
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function Example({ board }: { board: Board }) {
  const { error } = exampleState.value;
  const example = detail.value;
  if (!example) {
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
  return (
    <>
      <div class="explain-main">
        <ExampleHeader board={board} detail={example} />
        {kind.value !== "targets" && <TargetBar board={board} detail={example} />}
        <CompareBar board={board} />
        <CompareTable cells={cells.value} detail={example} />
      </div>
      <aside class="explain-side" aria-label="Agreement of the columns">
        <Agreement cells={cells.value} detail={example} />
      </aside>
    </>
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
