import { Fragment } from "preact";
import { useMemo } from "preact/hooks";
import { perToken } from "../../lib/attribution";
import { css, diverging, inkOn, PALETTES, type Palette, sequential } from "../../lib/palette";
import type { Numbers, NumericArray } from "../../lib/safetensors";
import { among, figure, limitAt, percent, shareOf, signed, strengthOf } from "../../lib/scale";
import {
  directionOf,
  lineStarts,
  type Unit,
  type UnitKind,
  unitId,
  unitsOf,
  unitValues,
} from "../../lib/words";
import type { ExampleInput } from "../../state/board";
import { display, draw, point, pointedFeature } from "../../state/display";
import { dark } from "../../state/theme";
import { Segmented } from "../Segmented";
import { Legend } from "./Legend";
import { Panel } from "./Panel";
import { TopWords } from "./TopWords";

type TextView = Extract<ExampleInput["view"], { kind: "text" }>;

const UNITS: readonly { id: UnitKind; title: string; help: string }[] = [
  { id: "tokens", title: "Tokens", help: "Each token on its own, as the model reads them" },
  { id: "words", title: "Words", help: "The tokens of one word together, their values summed" },
];
/** With more units than this their numbers are shown for the one under the pointer alone. */
const NUMBERED = 80;

interface TextPanelProps {
  input: ExampleInput;
  /** What tells it apart from another panel of the same input. */
  label: string;
  view: TextView;
  array: NumericArray | null;
  /** Each token carries its whole word's value, so that values are averaged, not summed. */
  shared: boolean;
  unsigned: boolean;
  stale: boolean;
  /** Its part of the strength of all inputs. */
  share: number | null;
  /** The value in full colour on every input; null where each has its own. */
  limit: number | null;
}

/** The words, each on the colour of its attribution, with the number beneath. */
export function TextPanel(props: TextPanelProps) {
  const { input, view, array, shared, unsigned } = props;
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const tokens = useMemo(() => (array ? perToken(array) : null), [array]);
  const { units, divided } = useUnits(view);
  const values = useMemo(
    () => (tokens ? unitValues(units, tokens, shared) : null),
    [tokens, units, shared],
  );
  const limit = props.limit ?? (values ? limitAt(values, 100) : 0);
  const total = values ? strengthOf(values) : 0;
  const dense = units.length > NUMBERED;
  const lines = useMemo(() => lineStarts(view.text, view.tokens), [view]);
  const common = { limit, palette, unsigned, dense };
  return (
    <Panel
      share={props.share}
      title={input.name}
      label={props.label}
      note={`${view.tokens.length} ${view.tokens.length === 1 ? "token" : "tokens"}`}
      tools={divided && <UnitSwitch />}
      stale={props.stale}
    >
      <p
        class={`tokens ${dense ? "dense" : ""}`}
        dir={directionOf(view.text)}
        onPointerLeave={() => point(null)}
      >
        {units.map((unit, i) => (
          <Fragment key={unitId(unit)}>
            {lines.has(unit.tokens[0] ?? -1) && <i class="line-break" />}
            <Word
              unit={unit}
              feature={{ input: input.name, id: unitId(unit) }}
              value={values?.[i] ?? null}
              {...common}
            />
          </Fragment>
        ))}
      </p>
      {values && <WordReadout input={input.name} units={units} values={values} total={total} />}
      {tokens && tokens.length > view.tokens.length && (
        <Beyond values={tokens} count={view.tokens.length} />
      )}
      {values && <TopWords input={input.name} units={units} values={values} unsigned={unsigned} />}
      {values && (
        <div class="panel-foot">
          <Legend
            palette={palette}
            limit={limit}
            sign={unsigned ? "absolute" : "both"}
            strengths="violet"
          />
        </div>
      )}
    </Panel>
  );
}

/** The units on screen, and whether any word has several tokens. */
function useUnits(view: TextView): { units: Unit[]; divided: boolean } {
  const words = useMemo(() => unitsOf(view.text, view.tokens, "words"), [view]);
  const divided = words.length < view.tokens.length;
  const kind = divided ? display.value.units : "tokens";
  const units = useMemo(
    () => (kind === "words" ? words : unitsOf(view.text, view.tokens, "tokens")),
    [view, words, kind],
  );
  return { units, divided };
}

function UnitSwitch() {
  return (
    <Segmented
      label="What is coloured"
      options={UNITS}
      value={display.value.units}
      onChange={(kind) => draw("units", kind)}
    />
  );
}

interface ReadoutProps {
  input: string;
  units: readonly Unit[];
  values: Numbers;
  total: number;
}

/** The number of the word under the pointer. Always one line high, so that nothing jumps. */
function WordReadout({ input, units, values, total }: ReadoutProps) {
  const id = pointedFeature.value?.input === input ? pointedFeature.value.id : null;
  const place = units.findIndex((unit) => unitId(unit) === id);
  const unit = units[place];
  if (!unit) return <p class="readout muted">Point at a word to read its value</p>;
  return (
    <p class="readout num">
      <bdi>{unit.text}</bdi>
      <b>{signed(values[place] ?? 0, 5)}</b>
      {total > 0 && (
        <span class="muted">
          {percent(Math.abs(values[place] ?? 0) / total, 1)} of all strength in this text
        </span>
      )}
    </p>
  );
}

function Beyond({ values, count }: { values: Numbers; count: number }) {
  return (
    <p class="panel-note num">
      The model was given {values.length} tokens; those after the text have{" "}
      {figure(strengthOf(values.slice(count)))} of strength together.
    </p>
  );
}

interface WordProps {
  unit: Unit;
  feature: { input: string; id: string };
  value: number | null;
  limit: number;
  palette: Palette;
  unsigned: boolean;
  dense: boolean;
}

function Word({ unit, feature, value, limit, palette, unsigned, dense }: WordProps) {
  const on =
    pointedFeature.value?.input === feature.input && pointedFeature.value.id === feature.id;
  const share = shareOf(value ?? 0, limit, "both");
  const back = unsigned ? sequential(palette, "violet", share) : diverging(palette, share);
  const style = value ? { backgroundColor: css(back), color: inkOn(back) } : {};
  return (
    <span
      class={`token ${on ? "on" : ""} ${unit.special ? "special" : ""}`}
      style={style}
      onPointerEnter={() => point(feature)}
    >
      <span>{unit.text}</span>
      {!dense && (
        <small class="num" dir="ltr">
          {value === null ? " " : among(value, limit)}
        </small>
      )}
    </span>
  );
}
