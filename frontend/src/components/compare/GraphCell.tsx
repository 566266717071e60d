import { nodeValues } from "../../lib/graph";
import { PALETTES } from "../../lib/palette";
import type { NumericArray } from "../../lib/safetensors";
import type { ExampleDetail, ExampleInput } from "../../state/board";
import { dark } from "../../state/theme";
import { GraphDrawing } from "../explain/GraphDrawing";

type GraphView = Extract<ExampleInput["view"], { kind: "graph" }>;

interface GraphCellProps {
  input: ExampleInput;
  view: GraphView;
  detail: ExampleDetail;
  shared: boolean;
  array: NumericArray | null;
  limit: number;
  unsigned: boolean;
  title: string;
}

/** The graph with its nodes on the colours of one column's attributions. */
export function GraphCell(props: GraphCellProps) {
  const { input, view, detail, shared, array, limit, unsigned, title } = props;
  const edges = detail.inputs.find(
    (other) => other.view.kind === "edges" && other.view.of === input.name,
  );
  if (edges?.view.kind !== "edges") return null;
  return (
    <GraphDrawing
      graph={{
        nodes: input.name,
        edges: edges.name,
        names: view.names,
        list: edges.view.edges,
        places: edges.view.places,
        directed: edges.view.directed,
      }}
      ofNodes={array && nodeValues(array, shared)}
      ofEdges={null}
      nodeLimit={limit}
      edgeLimit={0}
      unsigned={unsigned}
      palette={PALETTES[dark.value ? "dark" : "light"]}
      label={`${title}: attributions of ${input.name}`}
    />
  );
}
