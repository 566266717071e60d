import { type Edge, edgeId, neighbours } from "../../lib/graph";
import { css, diverging, inkOn, type Palette, sequential } from "../../lib/palette";
import { shareOf, signed } from "../../lib/scale";
import { point, pointedFeature } from "../../state/display";

export interface Drawn {
  /** The inputs' names: of the nodes, and of the edges where they are an input. */
  nodes: string;
  edges: string | null;
  names: readonly string[];
  list: readonly Edge[];
  places: readonly (readonly [number, number])[];
  directed: boolean;
}

interface GraphDrawingProps {
  graph: Drawn;
  /** The colour of each node and edge; null before anything is computed. */
  ofNodes: Float64Array | null;
  ofEdges: Float64Array | null;
  nodeLimit: number;
  edgeLimit: number;
  unsigned: boolean;
  palette: Palette;
  label: string;
}

const [WIDTH, HEIGHT] = [640, 420];
const MARGIN = 26;
/** Weaker edges keep the colour of a plain line, so that the graph stays whole. */
const FAINTEST = 0.04;
/** Graphs of more nodes are drawn without their names. */
const NAMED = 80;

/** The graph as points and lines. Pointing at a node shows what it is joined to. */
export function GraphDrawing(props: GraphDrawingProps) {
  const { graph, ofNodes, ofEdges, nodeLimit, edgeLimit, unsigned, palette } = props;
  const { list, places, names } = graph;
  const pointed = pointedFeature.value;
  const node = pointed?.input === graph.nodes ? Number(pointed.id) : null;
  const near = node === null ? null : neighbours(list, node).add(node);
  const radius = names.length > NAMED ? 4 : names.length > 40 ? 8 : 12;
  const colour = (value: number, limit: number) => {
    const share = shareOf(value, limit, unsigned ? "absolute" : "both");
    return unsigned ? sequential(palette, "violet", share) : diverging(palette, share);
  };
  return (
    <svg
      class="graph-drawing"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={props.label}
      onPointerLeave={() => point(null)}
    >
      {list.map((edge, i) => {
        const value = ofEdges?.[i] ?? null;
        const [a, b] = [placed(places, edge[0]), placed(places, edge[1])];
        const strength = value === null ? 0 : Math.abs(shareOf(value, edgeLimit, "both"));
        const on = pointed?.input === graph.edges && pointed?.id === edgeId(edge);
        const faint = near !== null && edge[0] !== node && edge[1] !== node;
        return (
          <g
            key={edgeId(edge)}
            class={`graph-edge ${on ? "on" : ""} ${faint ? "faint" : ""}`}
            onPointerEnter={() => graph.edges && point({ input: graph.edges, id: edgeId(edge) })}
          >
            <title>
              {`${names[edge[0]]} ${graph.directed ? "→" : "–"} ${names[edge[1]]}`}
              {edge[2] !== 1 && `, weight ${edge[2]}`}
              {value !== null && `: ${signed(value)}`}
            </title>
            <line class="graph-reach" x1={a[0]} y1={a[1]} x2={b[0]} y2={b[1]} />
            <line class="graph-line" x1={a[0]} y1={a[1]} x2={b[0]} y2={b[1]} />
            {strength > FAINTEST && (
              <line
                x1={a[0]}
                y1={a[1]}
                x2={b[0]}
                y2={b[1]}
                style={{
                  stroke: css(colour(value ?? 0, edgeLimit)),
                  strokeWidth: 2 + 6 * strength,
                }}
              />
            )}
            {graph.directed && <Arrow from={a} to={b} radius={radius} />}
          </g>
        );
      })}
      {names.map((name, i) => {
        const value = ofNodes?.[i] ?? null;
        const fill = value === null ? palette.neutral : colour(value, nodeLimit);
        const [x, y] = placed(places, i);
        return (
          <g
            key={i}
            class={`graph-node ${i === node ? "on" : ""} ${near && !near.has(i) ? "faint" : ""}`}
            onPointerEnter={() => point({ input: graph.nodes, id: String(i) })}
          >
            <title>{`${name}${value === null ? "" : `: ${signed(value)}`}`}</title>
            <circle cx={x} cy={y} r={radius} style={{ fill: css(fill) }} />
            {names.length <= NAMED && (
              <text x={x} y={y} dy="0.35em" style={{ fill: inkOn(fill) }}>
                {name}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

type Place = readonly [number, number];

function placed(places: readonly Place[], node: number): Place {
  const [x, y] = places[node] ?? [0.5, 0.5];
  return [MARGIN + x * (WIDTH - 2 * MARGIN), MARGIN + y * (HEIGHT - 2 * MARGIN)];
}

function Arrow({ from, to, radius }: { from: Place; to: Place; radius: number }) {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (length < 2 * radius) return null;
  const [dx, dy] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
  const [x, y] = [to[0] - dx * radius, to[1] - dy * radius];
  const side = (by: number) => `${x - 8 * dx + by * dy},${y - 8 * dy - by * dx}`;
  return <polygon class="graph-arrow" points={`${x},${y} ${side(4)} ${side(-4)}`} />;
}
