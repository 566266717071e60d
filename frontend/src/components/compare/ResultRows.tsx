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
      {detail.inputs.length > 1 && (
        <FigureRow
          title={names}
          note="by magnitude"
          help="Each input's attributions summed without signs, as shares; net: with their signs, so that they may cancel. An input with more elements tends to come out larger."
          cells={cells}
          figures={figures(sharesOf)}
        />
      )}
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
      {cells.some(({ run }) => run?.result?.meta.warnings.length) && (
        <FigureRow
          title="Warnings"
          help="What to know before believing these attributions."
          cells={cells}
          figures={figures(warningsOf)}
        />
      )}
    </>
  );
}

/** By magnitude, with the measures in which shares may cancel, or depend on no method, below it. */
function sharesOf({ contributions }: ResultMeta): Figure {
  if (!contributions) return UNKNOWN;
  const { magnitude, net, shapley } = contributions;
  if (!magnitude) return { value: null, text: <span class="muted">not at the inputs</span> };
  const more = net ? [`net ${proportion(net)}`] : [];
  if (shapley && kind.value !== "methods") more.push(`Shapley ${proportion(shapley.shares)}`);
  return { value: null, text: proportion(magnitude), note: more.join(", ") };
}

function gapOf({ delta, gap }: ResultMeta): Figure {
  if (delta === null) return { value: null, text: <span class="muted">no claim</span> };
  if (gap === null) return { value: null, text: <span class="muted">not defined</span> };
  // What is written alike is equally good.
  return { value: Math.round(gap * 1e4), text: percent(gap, gap < 0.1 ? 2 : 0) };
}

function warningsOf({ warnings }: ResultMeta): Figure {
  if (!warnings.length) return UNKNOWN;
  return {
    value: null,
    text: (
      <details class="not-defined">
        <summary class="warn">
          {warnings.length} {warnings.length === 1 ? "warning" : "warnings"}
        </summary>
        <ul class="warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      </details>
    ),
  };
}

const known = new WeakMap<Arrays, number>();

function spread(arrays: Arrays): Figure {
  const value = known.get(arrays) ?? sparseness(Object.values(arrays).map(({ data }) => data));
  known.set(arrays, value);
  return { value, text: figureFixed(value, 2) };
}
