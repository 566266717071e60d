import { useEffect } from "preact/hooks";
import { ExampleHeader } from "../components/explain/ExampleHeader";
import { Extras } from "../components/explain/Extras";
import { measureShown } from "../components/explain/Faithfulness";
import { InputPanels } from "../components/explain/InputPanels";
import { OpenExample } from "../components/explain/OpenExample";
import { PlacePicker } from "../components/explain/PlacePicker";
import { ResultSide } from "../components/explain/ResultSide";
import { RunNotice } from "../components/explain/RunNotice";
import { TargetBar } from "../components/explain/TargetBar";
import { FormProblems } from "../components/method/FormProblems";
import { MethodBar } from "../components/method/MethodBar";
import { Beside } from "../components/whatif/Beside";
import { WhatIf } from "../components/whatif/WhatIf";
import { followOriginal } from "../state/beside";
import type { Board } from "../state/board";
import { followDraft } from "../state/draft";
import { edit, editing, loadEdits } from "../state/edits";
import { exampleIndex } from "../state/examples";
import { followExplain, shown, step } from "../state/explain";
import { bindKeys } from "../state/keys";
import { togglePin } from "../state/marks";

/** Why this answer for this example, and can it be believed? */
export function Explain({ board }: { board: Board }) {
  useEffect(follow, []);
  const result = shown.value;
  return (
    <OpenExample board={board} title="Explain">
      {(example) => (
        <>
          <div class="explain-main">
            <ExampleHeader board={board} detail={example} />
            <PlacePicker detail={example} />
            <TargetBar board={board} detail={example} />
            <MethodBar board={board} />
            <FormProblems />
            <RunNotice board={board} />
            {editing.value && <WhatIf detail={example} />}
            {example.edit && example.edit.origin !== null ? (
              <Beside board={board} detail={example} shown={result} />
            ) : (
              <InputPanels detail={example} shown={result} />
            )}
            <Extras detail={example} />
          </div>
          <ResultSide board={board} shown={result} />
        </>
      )}
    </OpenExample>
  );
}

function follow(): () => void {
  loadEdits();
  const back = () => step(-1);
  const on = () => step(1);
  const ends = [
    followExplain(),
    followDraft(),
    followOriginal(),
    bindKeys({
      e: () => edit(!editing.peek()),
      p: pin,
      m: measureShown,
      j: on,
      k: back,
      ArrowRight: on,
      ArrowLeft: back,
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function pin(): void {
  const index = exampleIndex.peek();
  if (index !== null) void togglePin(index);
}
