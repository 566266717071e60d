import { useMemo } from "preact/hooks";
import { perToken } from "../../lib/attribution";
import { css, diverging, inkOn, PALETTES, type Palette, sequential } from "../../lib/palette";
import type { Numbers, NumericArray } from "../../lib/safetensors";
import { among, figure, limitAt, percent, shareOf, signed, strengthOf } from "../../lib/scale";
import type { ExampleInput } from "../../state/board";
import { point, pointedFeature } from "../../state/display";
import { dark } from "../../state/theme";
import { Legend } from "./Legend";
import { Panel } from "./Panel";

type TextView = Extract<ExampleInput["view"], { kind: "text" }>;
type Token = TextView["tokens"][number];

interface TextPanelProps {
  input: ExampleInput;
  view: TextView;
  array: NumericArray | null;
  unsigned: boolean;
  stale: boolean;
  /** Its part of the strength of all inputs; each input is drawn in its own scale. */
  share: number | null;
}

/** The words, each on the colour of its attribution, with the number beneath. */
export function TextPanel({ input, view, array, unsigned, stale, share }: TextPanelProps) {
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const values = useMemo(() => (array ? perToken(array) : null), [array]);
  const limit = values ? limitAt(values, 100) : 0;
  const total = values ? strengthOf(values) : 0;
  const count = view.tokens.length;
  return (
    <Panel
      share={share}
      title={input.name}
      note={`${count} ${count === 1 ? "token" : "tokens"}`}
      stale={stale}
    >
      <p class="tokens" dir="auto" onPointerLeave={() => point(null)}>
        {view.tokens.map((token, i) => (
          <Word
            key={i}
            token={token}
            feature={{ input: input.name, id: String(i) }}
            value={valueAt(values, i)}
            limit={limit}
            total={total}
            palette={palette}
            unsigned={unsigned}
          />
        ))}
      </p>
      {values && values.length > count && (
        <p class="panel-note num">
          The model was given {values.length} tokens; those after the text have{" "}
          {figure(strengthOf(values.slice(count)))} of strength together.
        </p>
      )}
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

function valueAt(values: Numbers | null, i: number): number | null {
  return values?.[i] ?? null;
}

interface WordProps {
  token: Token;
  feature: { input: string; id: string };
  value: number | null;
  limit: number;
  total: number;
  palette: Palette;
  unsigned: boolean;
}

function Word({ token, feature, value, limit, total, palette, unsigned }: WordProps) {
  const on =
    pointedFeature.value?.input === feature.input && pointedFeature.value.id === feature.id;
  const share = shareOf(value ?? 0, limit, "both");
  const back = unsigned ? sequential(palette, "violet", share) : diverging(palette, share);
  const style = value ? { backgroundColor: css(back), color: inkOn(back) } : {};
  return (
    <span
      class={`token ${on ? "on" : ""} ${token.special ? "special" : ""}`}
      style={style}
      title={value === null ? undefined : hint(token, value, total)}
      onPointerEnter={() => point(feature)}
    >
      <span>{token.text || `id ${token.id}`}</span>
      <small class="num" dir="ltr">
        {value === null ? " " : among(value, limit)}
      </small>
    </span>
  );
}

function hint(token: Token, value: number, total: number): string {
  const share =
    total > 0 ? `, ${percent(Math.abs(value) / total)} of all strength in this text` : "";
  return `${token.text}: ${signed(value, 5)}${share}`;
}
