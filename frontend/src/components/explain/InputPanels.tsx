import { useMemo } from "preact/hooks";
import type { ExampleDetail, ExampleInput } from "../../state/board";
import { display } from "../../state/display";
import { atLayer, isUnsigned, type Shown, sharesValues } from "../../state/explain";
import { AudioPanel } from "./AudioPanel";
import { type EdgesOf, GraphPanel } from "./GraphPanel";
import { ImagePanel } from "./ImagePanel";
import { LayerPanel } from "./LayerPanel";
import { commonLimit } from "./limits";
import { Segmentation } from "./Segmentation";
import { SeriesPanel } from "./SeriesPanel";
import { StrongestFeatures } from "./StrongestFeatures";
import { TablePanel } from "./TablePanel";
import { TensorPanel } from "./TensorPanel";
import { TextPanel } from "./TextPanel";
import { ValuePanel } from "./ValuePanel";
import { VideoPanel } from "./VideoPanel";

/** Kinds that need room: they are drawn on the left, the rest beside them. */
const LARGE = ["image", "video", "graph", "audio", "series", "tensor"];

interface InputPanelsProps {
  detail: ExampleDetail;
  shown: Shown | null;
  /** What tells these panels from others of the same inputs on the page. */
  of?: string;
  /** The result that stands in a column beside this one, with which a common scale is shared. */
  beside?: Shown | null;
}

/** Every input with its attributions: pictures and the like on the left where there are any. */
export function InputPanels({ detail, shown, of, beside }: InputPanelsProps) {
  const pictures = detail.inputs.filter(({ view }) => LARGE.includes(view.kind));
  const { scale, clip } = display.value;
  const limit = useMemo(
    () =>
      scale === "shared" && shown
        ? commonLimit(detail.inputs, beside ? [shown, beside] : [shown], clip)
        : null,
    [scale, clip, detail, shown, beside],
  );
  const others = detail.inputs.filter(({ view }) => !LARGE.includes(view.kind));
  const panels = (inputs: typeof others) =>
    inputs.map((input) => (
      <InputPanel
        key={input.name}
        input={input}
        label={of ? `${input.name}, ${of}` : input.name}
        detail={detail}
        shown={shown}
        limit={limit}
      />
    ));
  const layer = atLayer(detail, shown);
  if (beside !== undefined) {
    return <div class="panel-column">{panels([...pictures, ...others])}</div>;
  }
  // A table alone is its own list of strongest features.
  const alone = detail.inputs.length === 1 && detail.inputs[0]?.view.kind === "table" && !layer;
  return (
    <div class={`input-panels ${alone ? "alone" : ""}`}>
      <div class="panel-column">{panels(pictures.length ? pictures : others)}</div>
      <div class="panel-column">
        <Segmentation detail={detail} />
        {pictures.length > 0 && panels(others)}
        {layer && (
          <LayerPanel {...layer} unsigned={isUnsigned(shown)} stale={shown?.stale ?? false} />
        )}
        {shown && !layer && !alone && <StrongestFeatures detail={detail} shown={shown} />}
      </div>
    </div>
  );
}

interface InputPanelProps {
  input: ExampleInput;
  label: string;
  detail: ExampleDetail;
  shown: Shown | null;
  /** The value in full colour on every input; null where each has its own. */
  limit: number | null;
}

/** One view component for each kind of input. */
function InputPanel({ input, label, detail, shown, limit }: InputPanelProps) {
  const several = detail.inputs.length > 1;
  const magnitude = shown?.result?.meta.contributions?.magnitude;
  const layer = atLayer(detail, shown);
  const array = layer?.over === input.name ? layer.array : shown?.arrays[input.name];
  const common = {
    input,
    label,
    array: array ?? null,
    stale: shown?.stale ?? false,
    unsigned: isUnsigned(shown),
    share: several ? (magnitude?.[input.name] ?? null) : null,
    shared: sharesValues(input.name, shown),
    limit,
  };
  switch (input.view.kind) {
    case "image":
      return (
        <ImagePanel
          {...common}
          example={detail.index}
          several={several}
          layer={layer?.over === input.name ? layer.layer : null}
          elsewhere={layer !== null && layer.over !== input.name}
        />
      );
    case "video":
      return (
        <VideoPanel
          {...common}
          view={input.view}
          example={detail.index}
          several={several}
          layer={layer?.over === input.name ? layer.layer : null}
          elsewhere={layer !== null && layer.over !== input.name}
        />
      );
    case "text":
      return <TextPanel {...common} view={input.view} />;
    case "series":
      return <SeriesPanel {...common} view={input.view} />;
    case "tensor":
      return <TensorPanel {...common} view={input.view} />;
    case "table":
      return <TablePanel {...common} view={input.view} />;
    case "graph":
      return (
        <GraphPanel {...common} view={input.view} edges={edgesOf(input.name, detail, shown)} />
      );
    case "audio":
      return <AudioPanel {...common} view={input.view} />;
    case "edges":
      // Drawn between the nodes they join.
      return nodesOf(input.view.of, detail) ? null : <ValuePanel {...common} />;
    case "hidden":
      return null;
    default:
      return <ValuePanel {...common} />;
  }
}

function nodesOf(name: string, detail: ExampleDetail): ExampleInput | undefined {
  return detail.inputs.find((input) => input.name === name && input.view.kind === "graph");
}

/** The edges between the nodes of the input `nodes`, with their attributions. */
function edgesOf(nodes: string, detail: ExampleDetail, shown: Shown | null): EdgesOf | null {
  for (const { name, view } of detail.inputs) {
    if (view.kind !== "edges" || view.of !== nodes) continue;
    return {
      name,
      view,
      array: shown?.arrays[name] ?? null,
      shared: sharesValues(name, shown),
      share: shown?.result?.meta.contributions?.magnitude?.[name] ?? null,
    };
  }
  return null;
}
