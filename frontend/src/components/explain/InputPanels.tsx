import { useMemo } from "preact/hooks";
import type { ExampleDetail, ExampleInput } from "../../state/board";
import { display } from "../../state/display";
import { atLayer, isUnsigned, type Shown, sharesValues } from "../../state/explain";
import { ImagePanel } from "./ImagePanel";
import { LayerPanel } from "./LayerPanel";
import { commonLimit } from "./limits";
import { StrongestFeatures } from "./StrongestFeatures";
import { TablePanel } from "./TablePanel";
import { TextPanel } from "./TextPanel";
import { ValuePanel } from "./ValuePanel";

/** Every input with its attributions: pictures on the left where there are any, the rest beside them. */
export function InputPanels({ detail, shown }: { detail: ExampleDetail; shown: Shown | null }) {
  const pictures = detail.inputs.filter(({ view }) => view.kind === "image");
  const { scale, clip } = display.value;
  const limit = useMemo(
    () => (scale === "shared" && shown ? commonLimit(detail.inputs, [shown], clip) : null),
    [scale, clip, detail, shown],
  );
  const others = detail.inputs.filter(({ view }) => view.kind !== "image");
  const panels = (inputs: typeof others) =>
    inputs.map((input) => (
      <InputPanel key={input.name} input={input} detail={detail} shown={shown} limit={limit} />
    ));
  const layer = atLayer(detail, shown);
  // A table alone is its own list of strongest features.
  const alone = detail.inputs.length === 1 && detail.inputs[0]?.view.kind === "table" && !layer;
  return (
    <div class={`input-panels ${alone ? "alone" : ""}`}>
      <div class="panel-column">{panels(pictures.length ? pictures : others)}</div>
      <div class="panel-column">
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
  detail: ExampleDetail;
  shown: Shown | null;
  /** The value in full colour on every input; null where each has its own. */
  limit: number | null;
}

/** One view component for each kind of input. */
function InputPanel({ input, detail, shown, limit }: InputPanelProps) {
  const several = detail.inputs.length > 1;
  const magnitude = shown?.result?.meta.contributions?.magnitude;
  const layer = atLayer(detail, shown);
  const array = layer?.over === input.name ? layer.array : shown?.arrays[input.name];
  const common = {
    input,
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
    case "text":
      return <TextPanel {...common} view={input.view} />;
    case "table":
      return <TablePanel {...common} view={input.view} />;
    default:
      return <ValuePanel {...common} />;
  }
}
