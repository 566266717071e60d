import { spread } from "../lib/lines";

export interface Line {
  id: string;
  name: string;
  /** Values at equal distances from left to right. */
  values: readonly number[];
  /** The interval at each of them. */
  lows?: readonly (number | null)[];
  highs?: readonly (number | null)[];
  kind?: "plain" | "control" | "bad";
}

interface LineChartProps {
  label: string;
  lines: readonly Line[];
  /** What the left and the right end stand for. */
  ends: readonly [string, string];
  /** The smallest and the greatest value drawn. */
  domain: readonly [number, number];
  /** The lines meet at their right ends: names stand in the order of the lines' means instead. */
  meeting?: boolean;
  pointed: string | null;
  onPoint: (id: string | null) => void;
}

const WIDTH = 284;
const HEIGHT = 188;
const BOX = { left: 26, right: 156, top: 8, bottom: 160 };
const ROOM = 13;
const LONGEST = 20;

/** Lines that carry their own names at their right ends. The one pointed at is drawn strongest. */
export function LineChart(props: LineChartProps) {
  const { label, lines, ends, domain, meeting = false, pointed, onPoint } = props;
  const [low, high] = domain;
  const x = (place: number, count: number) =>
    BOX.left + ((BOX.right - BOX.left) * place) / Math.max(1, count - 1);
  const y = (value: number) =>
    BOX.bottom - ((BOX.bottom - BOX.top) * (clamped(value, low, high) - low)) / (high - low || 1);
  const lasts = lines.map(({ values }) => y((meeting ? mean(values) : values.at(-1)) ?? low));
  const names = spread(lasts, ROOM, BOX.top + 2, BOX.bottom);
  return (
    <svg class="line-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <path class="axis" d={`M${BOX.left} ${BOX.top}V${BOX.bottom}H${BOX.right}`} />
      {[low, high].map((tick) => (
        <text key={tick} x={BOX.left - 6} y={y(tick) + 4} text-anchor="end">
          {tick}
        </text>
      ))}
      <text x={BOX.left} y={BOX.bottom + 18}>
        {ends[0]}
      </text>
      <text x={BOX.right} y={BOX.bottom + 18} text-anchor="end">
        {ends[1]}
      </text>
      {lines.map((line, i) => (
        <g
          key={line.id}
          class={`line ${line.kind ?? "plain"} ${pointed === null ? "" : pointed === line.id ? "on" : "off"}`}
          onPointerEnter={() => onPoint(line.id)}
          onPointerLeave={() => onPoint(null)}
        >
          <title>{line.name}</title>
          {pointed === line.id && <path class="band" d={band(line, x, y)} />}
          <path d={path(line.values, x, y)} />
          {!meeting && (
            <path
              class="lead"
              d={`M${BOX.right} ${lasts[i]}L${BOX.right + 8} ${names[i]}H${BOX.right + 11}`}
            />
          )}
          <text x={BOX.right + 14} y={(names[i] ?? 0) + 4}>
            {line.name.length > LONGEST ? `${line.name.slice(0, LONGEST - 1)}…` : line.name}
          </text>
        </g>
      ))}
    </svg>
  );
}

type Place = (place: number, count: number) => number;
type Height = (value: number) => number;

function path(values: readonly number[], x: Place, y: Height): string {
  return values
    .map((value, i) => `${i ? "L" : "M"}${x(i, values.length).toFixed(1)} ${y(value).toFixed(1)}`)
    .join("");
}

function band({ values, lows, highs }: Line, x: Place, y: Height): string {
  if (!lows || !highs) return "";
  const upper = values.map((value, i) => highs[i] ?? value);
  const lower = values.map((value, i) => lows[i] ?? value);
  const back = lower
    .map((value, i) => `L${x(i, values.length).toFixed(1)} ${y(value).toFixed(1)}`)
    .reverse()
    .join("");
  return `${path(upper, x, y)}${back}Z`;
}

function mean(values: readonly number[]): number | undefined {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
}

function clamped(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
