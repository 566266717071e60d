import { useMemo } from "preact/hooks";
import {
  findings,
  inWords,
  matrixOf,
  rankCorrelation,
  shortName,
  topCount,
  topOverlap,
  type Vector,
} from "../../lib/agreement";
import { css, diverging, inkOn, mix, PALETTES } from "../../lib/palette";
import { figureFixed } from "../../lib/scale";
import type { ExampleDetail } from "../../state/board";
import { type Cell, kind } from "../../state/compare";
import { dark } from "../../state/theme";
import { navigate, query } from "../../state/url";
import { featuresOf } from "../explain/StrongestFeatures";
import { Segmented } from "../Segmented";

const MEASURES = [
  { id: "rank", title: "Rank correlation", help: "Do they put the features into the same order?" },
  { id: "top", title: "Top overlap", help: "Do they find the same strongest features?" },
] as const;

/** The strongest colour of the matrix, so that its numbers stay easy to read. */
const DEPTH = 0.7;

/** Which columns agree with which, on this example, over all inputs. */
export function Agreement({ cells, detail }: { cells: readonly Cell[]; detail: ExampleDetail }) {
  const done = cells.filter(({ run, request }) => run?.result && !request?.layer);
  const measure = query.value.agreement === "top" ? "top" : "rank";
  const vectors = useMemo(
    () => done.map((cell) => vectorOf(cell, detail)),
    [detail, ...done.map(({ shown }) => shown?.arrays)],
  );
  const features = vectors[0]?.length ?? 0;
  const matrix = useMemo(
    () =>
      matrixOf(vectors, (a, b, i, j) =>
        measure === "top"
          ? topOverlap(a, b, topCount(features))
          : done[i]?.unsigned || done[j]?.unsigned
            ? rankCorrelation(a.map(Math.abs), b.map(Math.abs))
            : rankCorrelation(a, b),
      ),
    [vectors, measure],
  );
  if (done.length < 2) return <Nothing waiting={cells.length > 1} />;
  const names = done.map(({ title }) => title);
  const sentence = inWords(findings(matrix), names, kind.value);
  return (
    <section class="side-section" aria-label="Agreement">
      <h2>Agreement</h2>
      <p class="agreement-sentence">{sentence}</p>
      <Segmented
        label="Measure of agreement"
        options={MEASURES}
        value={measure}
        onChange={(id) => navigate({ agreement: id === "rank" ? null : id }, "replace")}
      />
      <Matrix matrix={matrix} names={names} />
      <p>
        {measure === "rank"
          ? `Spearman's rank correlation over ${features} regions and words. Where one of two gives no signs, strengths are compared.`
          : `The share of the ${topCount(features)} strongest of ${features} regions and words that two have in common.`}
      </p>
      {done.length < cells.length && <p>Columns at a layer, or not computed, are left out.</p>}
    </section>
  );
}

function Nothing({ waiting }: { waiting: boolean }) {
  return (
    <section class="side-section" aria-label="Agreement">
      <h2>Agreement</h2>
      <p>
        {waiting
          ? "It is worked out as soon as two columns are computed."
          : "Add a second column to see whether the two agree."}
      </p>
    </section>
  );
}

interface MatrixProps {
  matrix: readonly (readonly number[])[];
  names: readonly string[];
}

function Matrix({ matrix, names }: MatrixProps) {
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const colour = (value: number) => {
    const back = mix(palette.neutral, diverging(palette, value), DEPTH);
    return { backgroundColor: css(back), color: inkOn(back) };
  };
  return (
    <div class="agreement-scroll">
      <table class="agreement num">
        <thead>
          <tr>
            <td />
            {names.map((name) => (
              <th key={name} scope="col">
                <abbr title={name}>{shortName(name)}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map((row, i) => (
            <tr key={names[i]}>
              <th scope="row">
                <span class="ellipsis" title={names[i]}>
                  {names[i]}
                </span>
              </th>
              {row.map((value, j) => (
                <td key={names[j]} style={i === j ? {} : colour(value)}>
                  {i === j ? "" : figureFixed(value, 2)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Every region, word or element of all inputs, in one order for every column. */
function vectorOf(cell: Cell, detail: ExampleDetail): Vector {
  const { shown } = cell;
  if (!shown) return [];
  return detail.inputs.flatMap((input) => featuresOf(input, shown).map(({ value }) => value));
}
