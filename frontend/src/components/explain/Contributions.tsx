import { figure, percent, signed } from "../../lib/scale";
import { display, draw, type Measure } from "../../state/display";
import type { ResultMeta } from "../../state/results";
import { Segmented } from "../Segmented";
import { SignedBar } from "./SignedBar";

const MEASURES: readonly { id: Measure; title: string; help: string }[] = [
  {
    id: "net",
    title: "Net",
    help: "Each input's attributions summed with their signs, as shares. What is for and against cancels, so an input that matters can come to 0 %.",
  },
  {
    id: "magnitude",
    title: "Magnitude",
    help: "Each input's attributions summed without signs, as shares. An input with more elements tends to come out larger.",
  },
  {
    id: "shapley",
    title: "Shapley",
    help: "What each input adds, averaged over every order in which inputs can come in place of their baselines.",
  },
];

interface Row {
  name: string;
  value: number | null;
  text: string;
}

/** How much each input has to do with the prediction, in the measure the person picks. */
export function Contributions({ meta }: { meta: ResultMeta }) {
  const { contributions } = meta;
  const options = contributions ? MEASURES.filter(({ id }) => contributions[id] !== null) : [];
  const measure = (options.find(({ id }) => id === display.value.measure) ?? options[0])?.id;
  if (!contributions || !measure) return null;
  const rows = rowsOf(contributions, measure);
  if (rows.length < 2) return null;
  const values = rows.map(({ value }) => value ?? 0);
  return (
    <section class="side-section" aria-label="Contribution of each input">
      <h2>Contribution of each input</h2>
      <Segmented
        label="Measure"
        options={options}
        value={measure}
        onChange={(id) => draw("measure", id)}
      />
      <ul class="contributions">
        {rows.map(({ name, value, text }) => (
          <li key={name}>
            <span class="ellipsis">{name}</span>
            <SignedBar
              value={value ?? 0}
              most={Math.max(...values.map(Math.abs))}
              centred={values.some((other) => other < 0)}
            />
            <span class="num value">{text}</span>
          </li>
        ))}
      </ul>
      <p>{MEASURES.find(({ id }) => id === measure)?.help}</p>
      {measure === "shapley" && <ShapleySum meta={meta} />}
      {contributions.net === null && (
        <p>These attributions live at a layer, so net and magnitude have no inputs to compare.</p>
      )}
    </section>
  );
}

type Contributed = NonNullable<ResultMeta["contributions"]>;

function rowsOf(contributions: Contributed, measure: Measure): Row[] {
  if (measure !== "shapley" || !contributions.shapley) {
    const shares = measure === "net" ? contributions.net : contributions.magnitude;
    return Object.entries(shares ?? {}).map(([name, value]) => ({
      name,
      value,
      text: share(value),
    }));
  }
  const { values, shares } = contributions.shapley;
  return Object.entries(values).map(([name, value]) => ({
    name,
    value,
    text: `${number(value)} · ${share(shares[name])}`,
  }));
}

function share(value: number | null | undefined): string {
  return value == null ? "none" : percent(value);
}

function number(value: number | null): string {
  return value === null ? "none" : signed(value);
}

function ShapleySum({ meta }: { meta: ResultMeta }) {
  const shapley = meta.contributions?.shapley;
  if (!shapley) return null;
  const coalitions = 2 ** Object.keys(shapley.values).length;
  return (
    <>
      <p class="num">
        Exact over {coalitions} coalitions; adds up to f(x) − f(baseline) ={" "}
        {shapley.total === null ? "not a number" : figure(shapley.total, 4)}.
      </p>
      {shapley.interactions.map(({ inputs, value }) => (
        <p class="num" key={inputs.join()}>
          Interaction {inputs.join(" × ")}: <b>{number(value)}</b>, {interactionInWords(value)}
        </p>
      ))}
    </>
  );
}

function interactionInWords(value: number | null): string {
  if (value === null || value === 0) return "each counts on its own.";
  if (value > 0) return "together they say more than each alone.";
  return "together they say less than each alone: they overlap.";
}
