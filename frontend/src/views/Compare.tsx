import { useEffect } from "preact/hooks";
import { BoardWarnings } from "../components/BoardWarnings";
import { Agreement } from "../components/compare/Agreement";
import { CompareBar } from "../components/compare/CompareBar";
import { CompareTable } from "../components/compare/CompareTable";
import { FigureTable } from "../components/compare/FigureTable";
import { measureAll } from "../components/compare/MeasureRows";
import { SampleSection } from "../components/compare/SampleSection";
import { ExampleHeader } from "../components/explain/ExampleHeader";
import { OpenExample } from "../components/explain/OpenExample";
import { PlacePicker } from "../components/explain/PlacePicker";
import { TargetBar } from "../components/explain/TargetBar";
import type { Board } from "../state/board";
import { cells, followColumns, kind, layout } from "../state/compare";
import { followExample, step } from "../state/explain";
import { bindKeys } from "../state/keys";

/** Do methods, targets, baselines, models or layers agree on this example? */
export function Compare({ board }: { board: Board }) {
  useEffect(follow, []);
  const shown = cells.value;
  return (
    <OpenExample board={board} title="Compare">
      {(example) => (
        <>
          <div class="explain-main">
            <ExampleHeader board={board} detail={example} />
            <PlacePicker detail={example} />
            {kind.value !== "targets" && <TargetBar board={board} detail={example} />}
            <CompareBar board={board} />
            <BoardWarnings />
            {layout.value === "rows" ? (
              <FigureTable board={board} cells={shown} detail={example} />
            ) : (
              <CompareTable cells={shown} detail={example} />
            )}
            <SampleSection />
          </div>
          <aside class="explain-side" aria-label="Agreement of the columns">
            <Agreement cells={shown} detail={example} />
          </aside>
        </>
      )}
    </OpenExample>
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
