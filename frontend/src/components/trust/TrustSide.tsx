import { type Line, LineChart } from "../../charts/LineChart";
import { findings, inWords, matrixOf, shortName } from "../../lib/agreement";
import { weights } from "../../lib/verdict";
import type { SurveyTable } from "../../state/survey";
import { pointedMethod } from "../../state/trust";
import { AgreementMatrix } from "../compare/AgreementMatrix";
import type { NamedRow } from "./rows";

interface TrustSideProps {
  rows: readonly NamedRow[];
  table: SurveyTable | null;
}

/** The curves behind the figures, and how far the methods agree. */
export function TrustSide({ rows, table }: TrustSideProps) {
  const measured = rows.filter(({ row }) => row?.figures);
  if (!measured.length || !table) return <Expected />;
  const check = measured.filter(({ row }) => row?.randomisation);
  const count = check[0]?.row?.randomisation?.count ?? 0;
  return (
    <>
      {check.length > 0 && (
        <section class="side-section" aria-label="Randomisation check">
          <h2>Randomisation check</h2>
          <p>
            How alike the maps stay as layers forget what they learned, from the output down. Over{" "}
            {count} {count === 1 ? "example" : "examples"}.
          </p>
          <Chart
            label="Rank correlation with the trained model's map, layer by layer"
            lines={check.map(randomisationLine)}
            ends={["trained", "all random"]}
            domain={[0, 1]}
          />
        </section>
      )}
      {(["deletion", "insertion"] as const).map((kind) => (
        <CurveSection key={kind} kind={kind} rows={measured} />
      ))}
      <AgreementSection rows={rows} table={table} />
    </>
  );
}

function Expected() {
  return (
    <section class="side-section" aria-label="What will be here">
      <h2>What is measured</h2>
      <p>
        <b>Deletion and insertion</b>: the features are taken away, or brought back, strongest
        first. Where a method knows what counts, the score follows sooner than in a random order.
      </p>
      <p>
        <b>Infidelity and max-sensitivity</b>: whether the numbers foretell what the score does, and
        whether they stay put when the input hardly changes.
      </p>
      <p>
        <b>Random weights</b>: a map that stays the same when the model forgets all it learned shows
        the input, not this model.
      </p>
      <p>
        <b>Agreement</b>: which methods find the same features strong.
      </p>
    </section>
  );
}

function randomisationLine({ id, name, row }: NamedRow): Line {
  const steps = row?.randomisation?.similarity ?? [];
  const kept = weights(steps.at(-1) ?? null);
  return {
    id,
    name,
    values: [1, ...steps.map((step) => step?.mean ?? 0)],
    lows: [1, ...steps.map((step) => step?.low ?? null)],
    highs: [1, ...steps.map((step) => step?.high ?? null)],
    kind: kept === "stays" ? "bad" : "plain",
  };
}

interface CurveSectionProps {
  kind: "deletion" | "insertion";
  rows: readonly NamedRow[];
}

function CurveSection({ kind, rows }: CurveSectionProps) {
  const drawn = rows.flatMap(({ id, name, row }) => {
    const curve = row?.curves?.[kind];
    return curve ? [{ id, name, curve }] : [];
  });
  const control = drawn[0]?.curve.control_scores;
  if (!control) return null;
  const lines: Line[] = [
    ...drawn.map(({ id, name, curve }) => ({ id, name, values: curve.scores })),
    { id: "", name: "random order", values: control, kind: "control" },
  ];
  const all = lines.flatMap(({ values }) => values);
  const unit = rows.every(({ row }) => row?.scale === "probability");
  const ends: [number, number] = unit
    ? [0, 1]
    : [Number(Math.min(...all).toPrecision(2)), Number(Math.max(...all).toPrecision(2))];
  const [title, does] = kind === "deletion" ? ["Deletion", "go"] : ["Insertion", "come"];
  return (
    <section class="side-section" aria-label={`${title} curve`}>
      <h2>{title} curve</h2>
      <p>
        The target's {unit ? "probability" : "score"} as features {does}, strongest first.
      </p>
      <Chart
        label={`${title} curves: the score as features ${does}`}
        lines={lines}
        ends={["no feature", "all"]}
        domain={ends}
        meeting
      />
    </section>
  );
}

interface ChartProps {
  label: string;
  lines: readonly Line[];
  ends: readonly [string, string];
  domain: readonly [number, number];
  meeting?: boolean;
}

function Chart(props: ChartProps) {
  return (
    <LineChart
      {...props}
      pointed={pointedMethod.value}
      onPoint={(id) => {
        pointedMethod.value = id;
      }}
    />
  );
}

function AgreementSection({ rows, table }: { rows: readonly NamedRow[]; table: SurveyTable }) {
  if (!table.agreement.length) return null;
  const places = table.rows.flatMap((row, place) => (row.figures ? [place] : []));
  if (places.length < 2) return null;
  const value = (i: number, j: number) => {
    const [a, b] = [Math.min(i, j), Math.max(i, j)];
    const found = table.agreement.find(({ pair }) => pair[0] === a && pair[1] === b);
    return found?.rank?.mean ?? Number.NaN;
  };
  const matrix = matrixOf(
    places.map(() => []),
    (_one, _other, i, j) => value(places[i] ?? -1, places[j] ?? -1),
  );
  const named = places.map((place) => {
    const name = rows[place]?.name ?? "";
    return { id: rows[place]?.id ?? String(place), title: name, short: shortName(name) };
  });
  const titles = named.map(({ title }) => title);
  const sentence = inWords(findings(matrix), titles, "methods", "agree", "over these examples");
  return (
    <section class="side-section" aria-label="Agreement">
      <h2>Agreement</h2>
      <p class="agreement-sentence">{sentence}</p>
      <AgreementMatrix matrix={matrix} columns={named} />
      <p>The mean over the examples of Spearman's rank correlation of the features' strengths.</p>
    </section>
  );
}
