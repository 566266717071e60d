import { sparseness } from "../../lib/agreement";
import { proportion } from "../../lib/figures";
import { integer } from "../../lib/format";
import { figureFixed, percent, seconds } from "../../lib/scale";
import type { ExampleDetail } from "../../state/board";
import { type Cell, kind } from "../../state/compare";
import type { Arrays, ResultMeta } from "../../state/results";
import { type Figure, FigureRow } from "./FigureRow";

interface ResultRowsProps {
  cells: readonly Cell[];
  detail: ExampleDetail;
}

const UNKNOWN: Figure = { value: null, text: "" };

/** What is known of each result at once: shares of the inputs, the completeness gap, cost and spread. */
export function ResultRows({ cells, detail }: ResultRowsProps) {
  const names = detail.inputs.map(({ name }) => name).join(" : ");
  const figures = (of: (meta: ResultMeta, arrays: Arrays) => Figure) =>
    cells.map(({ run }) => (run?.result ? of(run.result.meta, run.result.arrays) : UNKNOWN));
  const rank = kind.value === "methods";
  return (
    <>
      {detail.inputs.length > 1 && <Shares names={names} cells={cells} figures={figures} />}
      <FigureRow
        title="Completeness gap"
        help="How far the attributions miss f(x) − f(baseline), as a share of it. Only methods that claim to add up have one."
        better="lower"
        word={rank ? "smallest" : undefined}
        cells={cells}
        figures={figures(gapOf)}
      />
      <FigureRow
        title="Passes"
        help="Rows sent through the model."
        better="lower"
        word={rank ? "fewest" : undefined}
        cells={cells}
        figures={figures(({ passes }) => ({ value: passes, text: integer(passes) }))}
      />
      <FigureRow
        title="Time"
        help="How long the computation took when it was made."
        better="lower"
        word={rank ? "fastest" : undefined}
        cells={cells}
        figures={figures((meta) => ({ value: meta.seconds, text: seconds(meta.seconds) }))}
      />
      <FigureRow
        title="Sparseness"
        help="The Gini index of all strengths: 0 where all elements count alike, near 1 where few do. Sparser is easier to read, not more right."
        better="higher"
        word={rank ? "sparsest" : undefined}
        cells={cells}
        figures={figures((_, arrays) => spread(arrays))}
      />
    </>
  );
}

interface SharesProps {
  names: string;
  cells: readonly Cell[];
  figures: (of: (meta: ResultMeta) => Figure) => Figure[];
}

/** The Shapley shares depend on no method, so they are told apart from it alone. */
function Shares({ names, cells, figures }: SharesProps) {
  const row = (measure: "magnitude" | "net", help: string) => (
    <FigureRow
      title={names}
      note={`by ${measure}`}
      help={help}
      cells={cells}
      figures={figures(({ contributions }) => shares(contributions?.[measure]))}
    />
  );
  return (
    <>
      {row("magnitude", "Each input's attributions summed without signs, as shares.")}
      {row("net", "Each input's attributions summed with their signs, as shares. They may cancel.")}
      {kind.value !== "methods" && (
        <FigureRow
          title={names}
          note="by Shapley"
          help="What each input adds, averaged over every order in which inputs can come in place of their baselines."
          cells={cells}
          figures={figures(({ contributions }) => shares(contributions?.shapley?.shares))}
        />
      )}
    </>
  );
}

function shares(found: Readonly<Record<string, number | null>> | null | undefined): Figure {
  return { value: null, text: found ? proportion(found) : "none" };
}

function gapOf({ delta, gap }: ResultMeta): Figure {
  if (delta === null) return { value: null, text: <span class="muted">no claim</span> };
  if (gap === null) return { value: null, text: <span class="muted">not defined</span> };
  return { value: gap, text: percent(gap, gap < 0.1 ? 2 : 0) };
}

const known = new WeakMap<Arrays, number>();

function spread(arrays: Arrays): Figure {
  const value = known.get(arrays) ?? sparseness(Object.values(arrays).map(({ data }) => data));
  known.set(arrays, value);
  return { value, text: figureFixed(value, 2) };
}
