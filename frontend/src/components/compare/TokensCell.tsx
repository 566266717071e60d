import { useMemo } from "preact/hooks";
import { perToken } from "../../lib/attribution";
import { css, diverging, inkOn, PALETTES, sequential } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import { shareOf, signed } from "../../lib/scale";
import type { ExampleInput } from "../../state/board";
import { point, pointedFeature } from "../../state/display";
import { dark } from "../../state/theme";
import { Legend } from "../explain/Legend";

type TextView = Extract<ExampleInput["view"], { kind: "text" }>;

interface TokensCellProps {
  input: ExampleInput;
  array: NumericArray | null;
  limit: number;
  unsigned: boolean;
  tokens: TextView["tokens"];
}

/** A text's words in one column, each on the colour of its attribution. */
export function TokensCell({ input, array, limit, unsigned, tokens }: TokensCellProps) {
  const palette = PALETTES[dark.value ? "dark" : "light"];
  const values = useMemo(() => (array ? perToken(array) : null), [array]);
  const pointed = pointedFeature.value;
  const on = pointed?.input === input.name ? Number(pointed.id) : -1;
  const colour = (value: number) => {
    const share = shareOf(value, limit, "both");
    const back = unsigned ? sequential(palette, "violet", share) : diverging(palette, share);
    return value === 0 ? {} : { backgroundColor: css(back), color: inkOn(back) };
  };
  return (
    <>
      <p class="cell-tokens" dir="auto" onPointerLeave={() => point(null)}>
        {tokens.map((token, i) => (
          <span
            key={i}
            class={`cell-token ${i === on ? "on" : ""} ${token.special ? "special" : ""}`}
            style={colour(values?.[i] ?? 0)}
            title={signed(values?.[i] ?? 0, 4)}
            onPointerEnter={() => point({ input: input.name, id: String(i) })}
          >
            {token.text || `id ${token.id}`}
          </span>
        ))}
      </p>
      <p class="cell-caption">
        {values && on >= 0 && on < tokens.length ? (
          <b class="num">{signed(values[on] ?? 0)}</b>
        ) : (
          <Legend
            palette={palette}
            limit={limit}
            sign={unsigned ? "absolute" : "both"}
            strengths="violet"
            short
          />
        )}
      </p>
    </>
  );
}
