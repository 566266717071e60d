import type { ComponentChildren } from "preact";
import { IntervalDot } from "../../charts/IntervalDot";
import { integer } from "../../lib/format";
import { figure, figureFixed, percent, seconds } from "../../lib/scale";
import { CHANGES, STAYS, weights } from "../../lib/verdict";
import type { Mean, Survey, SurveyRow } from "../../state/survey";
import { pointedMethod } from "../../state/trust";
import { href, navigate } from "../../state/url";
import type { NamedRow } from "./rows";

const HEADS: readonly { title: string; arrow?: string; help: string }[] = [
  { title: "Cost", help: "Passes through the model, and time, for one attribution" },
  {
    title: "Deletion AUC",
    arrow: "↓",
    help: "The area under the target's score as features go, strongest first. The tick is a random order: a faithful method lies left of it.",
  },
  {
    title: "Insertion AUC",
    arrow: "↑",
    help: "The area under the target's score as features come, strongest first. The tick is a random order: a faithful method lies right of it.",
  },
  {
    title: "Infidelity",
    arrow: "↓",
    help: "How far the attributions mispredict the score when parts of the inputs are removed (Yeh et al. 2019)",
  },
  {
    title: "Max-sensitivity",
    arrow: "↓",
    help: "How far the attributions move when the inputs hardly do (Yeh et al. 2019)",
  },
  {
    title: "Completeness",
    arrow: "↓",
    help: "How far the attributions miss f(x) − f(baseline), as a share of it, where the method claims that they add up",
  },
  {
    title: "Random weights",
    help: `Whether the attributions change when the model forgets all it learned (Adebayo et al. 2018): the rank correlation of the features' strengths with the trained model's. Below ${CHANGES} they change, from ${STAYS} on they stay the same.`,
  },
];

interface TrustTableProps {
  /** What the rows are. */
  title?: string;
  rows: readonly NamedRow[];
  survey: Survey;
}

/** A row of figures for each method, with the random order below them. */
export function TrustTable({ title = "Method", rows, survey }: TrustTableProps) {
  const control = rows.find(({ row }) => row?.figures)?.row?.figures;
  const domain = domainOf(rows);
  return (
    <div class="trust-scroll">
      <table class="trust-table num">
        <thead>
          <tr>
            <th scope="col">{title}</th>
            {HEADS.map(({ title, arrow, help }) => (
              <th key={title} scope="col" title={help}>
                {title}
                {arrow && (
                  <span class="direction">
                    <span aria-hidden="true"> {arrow}</span>
                    <span class="hidden-text">
                      , {arrow === "↓" ? "lower" : "higher"} is better
                    </span>
                  </span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((named, place) => (
            <tr
              key={named.id}
              class={pointedMethod.value === named.id ? "on" : ""}
              onPointerEnter={() => {
                pointedMethod.value = named.id;
              }}
              onPointerLeave={() => {
                pointedMethod.value = null;
              }}
            >
              <th scope="row">
                <RowLink named={named} />
              </th>
              <Cells row={named.row} survey={survey} place={place} domain={domain} />
            </tr>
          ))}
          {control && (
            <tr class="trust-control">
              <th scope="row">Random order</th>
              <td />
              <td>
                <Area mean={control.deletion_control} control={null} domain={domain} />
              </td>
              <td>
                <Area mean={control.insertion_control} control={null} domain={domain} />
              </td>
              <td colSpan={4} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function RowLink({ named }: { named: NamedRow }) {
  const link = { ...named.link, view: "explain" };
  return (
    <a
      href={href(link)}
      dir="auto"
      title={`${named.name}: open in Explain`}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        navigate(link);
      }}
    >
      {named.name}
    </a>
  );
}

interface CellsProps {
  row: SurveyRow | null;
  survey: Survey;
  place: number;
  domain: readonly [number, number];
}

function Cells({ row, survey, place, domain }: CellsProps) {
  if (row === null) return <Unmeasured survey={survey} place={place} />;
  if (row.error || !row.figures) {
    return (
      <td colSpan={7} class="trust-failed">
        <b>{row.error?.title}.</b> {row.error?.detail}
      </td>
    );
  }
  const { figures } = row;
  return (
    <>
      <td>
        {figures.passes && integer(Math.round(figures.passes.mean))}
        {figures.seconds && <small>{seconds(figures.seconds.mean)}</small>}
      </td>
      <td>
        <Area
          mean={figures.deletion}
          control={figures.deletion_control?.mean ?? null}
          domain={domain}
        />
      </td>
      <td>
        <Area
          mean={figures.insertion}
          control={figures.insertion_control?.mean ?? null}
          domain={domain}
        />
      </td>
      <td>
        <Figure mean={figures.infidelity} text={figure} row={row} />
      </td>
      <td>
        <Figure mean={figures.sensitivity_max} text={figure} row={row} />
      </td>
      <td>
        {figures.gap ? (
          <Figure mean={figures.gap} text={share} spread={share} row={row} />
        ) : (
          <span class="muted">no claim</span>
        )}
      </td>
      <td>
        <RandomWeights row={row} />
      </td>
    </>
  );
}

/** What it will cost, before it is measured. */
function Unmeasured({ survey, place }: { survey: Survey; place: number }) {
  const { estimate, state, table } = survey;
  const passes = estimate?.columns[place];
  const now = state === "running" && place === (table?.rows.length ?? 0);
  return (
    <>
      <td>{passes != null && <span class="muted">{integer(passes)}</span>}</td>
      <td colSpan={6} class="muted">
        {now
          ? "Measuring…"
          : state === "running"
            ? "Waiting…"
            : passes === null && estimate
              ? "It cannot be measured on the first example; measuring says why."
              : passes === 0
                ? "Measured before, and kept."
                : "Not measured yet."}
      </td>
    </>
  );
}

interface AreaProps {
  mean: Mean | null | undefined;
  control: number | null;
  domain: readonly [number, number];
}

function Area({ mean, control, domain }: AreaProps) {
  if (!mean) return <span class="muted">not defined</span>;
  return (
    <span class="trust-area" title={interval(mean, (value) => figureFixed(value, 3))}>
      <IntervalDot {...mean} control={control} domain={domain} />
      <span>{figureFixed(mean.mean, 2)}</span>
      <small>{half(mean, (value) => figureFixed(value, 2))}</small>
    </span>
  );
}

interface FigureProps {
  mean: Mean | null | undefined;
  text: (value: number) => string;
  /** How the half of the interval is written. */
  spread?: (value: number) => string;
  row: SurveyRow;
}

function Figure({
  mean,
  text,
  spread = (value) => figure(value, 2),
  row,
}: FigureProps): ComponentChildren {
  if (!mean) {
    return (
      <span class="muted" title={row.warnings.map((warning) => warning.text).join(" ")}>
        not defined
      </span>
    );
  }
  return (
    <span title={interval(mean, text)}>
      {text(mean.mean)}
      <small>{half(mean, spread)}</small>
    </span>
  );
}

function RandomWeights({ row }: { row: SurveyRow }) {
  const last = row.randomisation?.similarity.at(-1) ?? null;
  const kind = weights(last);
  if (!last || !row.randomisation) {
    const why = row.warnings.find(({ text }) => text.includes("randomisation"));
    return (
      <span class="muted" title={why?.text}>
        not checked
      </span>
    );
  }
  const level = { changes: "right", "in part": "warn", stays: "wrong", unknown: "" }[kind];
  const word = { changes: "changes", "in part": "in part", stays: "stays the same", unknown: "" };
  return (
    <span title={`${interval(last, (value) => figureFixed(value, 2))}, rank correlation`}>
      <b class={level}>{word[kind]}</b>
      <small>
        {figureFixed(last.mean, 2)} {half(last, (value) => figureFixed(value, 2))}
      </small>
    </span>
  );
}

function share(gap: number): string {
  return percent(gap, gap < 0.1 ? 1 : 0);
}

function half({ low, high }: Mean, text: (value: number) => string): string {
  return low === null || high === null ? "" : `± ${text((high - low) / 2)}`;
}

function interval(mean: Mean, text: (value: number) => string): string {
  const over = `over ${mean.count} ${mean.count === 1 ? "example" : "examples"}`;
  if (mean.low === null || mean.high === null) return `${text(mean.mean)} ${over}`;
  return `${text(mean.mean)}, 95 % interval ${text(mean.low)} to ${text(mean.high)}, ${over}`;
}

/** Both areas share one scale: from 0 to 1 where the score is a probability. */
function domainOf(rows: readonly NamedRow[]): readonly [number, number] {
  const measured = rows.flatMap(({ row }) => (row?.figures ? [row] : []));
  if (measured.every(({ scale }) => scale === "probability")) return [0, 1];
  const ends = measured.flatMap(({ figures }) =>
    [figures?.deletion, figures?.insertion, figures?.deletion_control].flatMap((mean) =>
      mean ? [mean.low ?? mean.mean, mean.high ?? mean.mean] : [],
    ),
  );
  return ends.length ? [Math.min(...ends), Math.max(...ends)] : [0, 1];
}
