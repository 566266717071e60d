import { useEffect } from "preact/hooks";
import { Button } from "../components/Button";
import { ExampleHeader } from "../components/explain/ExampleHeader";
import { ExampleStrip } from "../components/explain/ExampleStrip";
import { InputPanels } from "../components/explain/InputPanels";
import { ResultSide } from "../components/explain/ResultSide";
import { RunNotice } from "../components/explain/RunNotice";
import { TargetBar } from "../components/explain/TargetBar";
import { FormProblems } from "../components/method/FormProblems";
import { MethodBar } from "../components/method/MethodBar";
import { Hint, Notice } from "../components/Notice";
import type { Board } from "../state/board";
import { followDraft } from "../state/draft";
import { exampleIndex, examples } from "../state/examples";
import {
  detail,
  exampleState,
  followExplain,
  retryExample,
  showFirst,
  shown,
  step,
} from "../state/explain";
import { bindKeys } from "../state/keys";

/** Why this answer for this example, and can it be believed? */
export function Explain({ board }: { board: Board }) {
  useEffect(follow, []);
  const { items, total, loading } = examples.value;
  const chosen = exampleIndex.value !== null;
  useEffect(() => {
    if (!chosen && items.length) showFirst();
  }, [chosen, items.length]);
  if (!chosen && !items.length) return <NoExample loading={loading || total > 0} />;
  return (
    <section class="explain" aria-label="Explain">
      <ExampleStrip board={board} />
      <Example board={board} />
    </section>
  );
}

function follow(): () => void {
  const back = () => step(-1);
  const on = () => step(1);
  const ends = [
    followExplain(),
    followDraft(),
    bindKeys({ j: on, k: back, ArrowRight: on, ArrowLeft: back }),
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
  const result = shown.value;
  return (
    <>
      <div class="explain-main">
        <ExampleHeader board={board} detail={example} />
        <TargetBar board={board} detail={example} />
        <MethodBar board={board} />
        <FormProblems />
        <RunNotice board={board} />
        <InputPanels detail={example} shown={result} />
      </div>
      <ResultSide board={board} shown={result} />
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
