import type { Mode } from "../../canvas/pixels";
import { LEVELS } from "../../lib/contour";
import { css, diverging, type Palette, type Sequential, sequential } from "../../lib/palette";
import { figure, type Sign, signed } from "../../lib/scale";

interface LegendProps {
  palette: Palette;
  /** The value in full colour; 0 where every attribution is zero. */
  limit: number;
  sign: Sign;
  strengths: Sequential;
  /** In a mask the picture shows through by strength; contours are lines at shares of the limit. */
  mode?: Mode;
  /** The two numbers alone, where there is little room. */
  short?: boolean;
}

const STOPS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** The scale of the colours, in numbers. */
export function Legend(props: LegendProps) {
  const { palette, limit, sign, strengths, mode, short = false } = props;
  if (limit === 0) return <span class="legend">Every attribution is zero.</span>;
  const mask = mode === "mask";
  const { from, to, low, high } = mask ? maskEnds(limit) : endsOf(sign, limit);
  const colours = STOPS.map((share) => {
    const value = from + (to - from) * share;
    return css(
      mask
        ? sequential(palette, "grey", value)
        : sign === "absolute"
          ? sequential(palette, strengths, value)
          : diverging(palette, value),
    );
  });
  return (
    <span class="legend num">
      <span>{short ? figure(from * limit) : low}</span>
      <i
        class="legend-scale"
        style={{ backgroundImage: `linear-gradient(90deg, ${colours.join(", ")})` }}
      />
      <span>{short ? figure(to * limit) : high}</span>
      {mode === "contour" && !short && (
        <span title="Lines of the smoothed map, so that single pixels do not each have one">
          lines at {LEVELS.map((level) => figure(level * limit)).join(", ")}
        </span>
      )}
    </span>
  );
}

function maskEnds(limit: number) {
  return { from: 0, to: 1, low: "0 hidden", high: `${figure(limit)} shown` };
}

function endsOf(sign: Sign, limit: number) {
  const most = figure(limit);
  if (sign === "absolute") return { from: 0, to: 1, low: "0", high: `${most} strong` };
  const against = `${figure(-limit)} against`;
  const all = `for ${signed(limit)}`;
  if (sign === "positive") return { from: 0, to: 1, low: "0", high: all };
  if (sign === "negative") return { from: -1, to: 0, low: against, high: "0" };
  return { from: -1, to: 1, low: against, high: all };
}
