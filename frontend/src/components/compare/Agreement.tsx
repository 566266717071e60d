import { useMemo } from "preact/hooks";
import {
  findings,
  inWords,
  matrixOf,
  rankCorrelation,
  topCount,
  topOverlap,
  UNDEFINED,
  type Vector,
} from "../../lib/agreement";
import type { ExampleDetail } from "../../state/board";
import { type Cell, kind } from "../../state/compare";
import { navigate, query } from "../../state/url";
import { featuresOf } from "../explain/StrongestFeatures";
import { Segmented } from "../Segmented";
import { AgreementMatrix } from "./AgreementMatrix";

type Measure = "strength" | "signed" | "top";

const MEASURES: readonly { id: Measure; title: string; help: string }[] = [
  { id: "strength", title: "Strength", help: "Do they put the features into the same order?" },
  { id: "signed", title: "Signed", help: "And do they agree on what speaks for and against?" },
  { id: "top", title: "Strongest", help: "Do they find the same strongest features?" },
];

const MEASURED: Readonly<Record<Measure, (a: Vector, b: Vector) => number>> = {
  strength: (a, b) => rankCorrelation(a.map(Math.abs), b.map(Math.abs)),
  signed: rankCorrelation,
  top: (a, b) => topOverlap(a, b, topCount(a.length)),
};

/** Which columns agree with which, on this example, over all inputs. */
export function Agreement({ cells, detail }: { cells: readonly Cell[]; detail: ExampleDetail }) {
  const done = cells.filter(({ run, request }) => run?.result && !request?.layer);
  const measure = MEASURES.find(({ id }) => id === query.value.agreement)?.id ?? "strength";
  const vectors = useMemo(
    () => done.map((cell) => vectorOf(cell, detail)),
    [detail, ...done.map(({ shown }) => shown?.arrays)],
  );
  const features = vectors[0]?.length ?? 0;
  const matrix = useMemo(
    () =>
      matrixOf(vectors, (a, b, i, j) =>
        measure === "signed" && (done[i]?.unsigned || done[j]?.unsigned)
          ? UNDEFINED
          : MEASURED[measure](a, b),
      ),
    [vectors, measure],
  );
  if (kind.value === "examples" || kind.value === "layers") return <Apart what={kind.value} />;
  if (done.length < 2) return <Nothing waiting={cells.length > 1} />;
  const names = done.map(({ title }) => title);
  const agree = kind.value === "targets" ? "rest on the same features" : "agree";
  const sentence = inWords(findings(matrix), names, kind.value, agree);
  return (
    <section class="side-section" aria-label="Agreement">
      <h2>Agreement</h2>
      <p class="agreement-sentence">{sentence}</p>
      <Segmented
        label="Measure of agreement"
        options={MEASURES}
        value={measure}
        onChange={(id) => navigate({ agreement: id === "strength" ? null : id }, "replace")}
      />
      <AgreementMatrix matrix={matrix} columns={done} />
      <p>{explained(measure, features)}</p>
      {done.length < cells.length && <p>Columns at a layer, or not computed, are left out.</p>}
    </section>
  );
}

function explained(measure: Measure, features: number): string {
  const over = `${features} regions, words or elements`;
  if (measure === "top")
    return `The share of the ${topCount(features)} strongest of ${over} that two have in common.`;
  const of = measure === "strength" ? "the strengths" : "the values";
  const none = measure === "signed" ? " A dash: one of the two gives no signs." : "";
  return `Spearman's rank correlation of ${of} of ${over}.${none}`;
}

/** Each has features of its own. */
function Apart({ what }: { what: string }) {
  return (
    <section class="side-section" aria-label="Agreement">
      <h2>Agreement</h2>
      <p>
        Different {what} have different features, so there is nothing they could agree on, number by
        number. Compare methods, targets, baselines or models to see who agrees.
      </p>
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

/** Every region, word or element of all inputs, in one order for every column. */
function vectorOf(cell: Cell, detail: ExampleDetail): Vector {
  const { shown } = cell;
  if (!shown) return [];
  return detail.inputs.flatMap((input) =>
    featuresOf(input, shown, detail).map(({ value }) => value),
  );
}
