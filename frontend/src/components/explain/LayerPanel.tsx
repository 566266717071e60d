import { useMemo } from "preact/hooks";
import { channelFeatures, mapOf, pictureFeatures, strongest } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import { FeatureRows } from "./FeatureRows";
import { Panel } from "./Panel";

const ROWS = 12;

interface LayerPanelProps {
  layer: string;
  array: NumericArray;
  /** The picture its map is drawn over, where it is. */
  over: string | null;
  unsigned: boolean;
  stale: boolean;
}

/** What a layer's attributions come to: by channel, or by place where there is one channel. */
export function LayerPanel({ layer, array, over, unsigned, stale }: LayerPanelProps) {
  const { shape } = array;
  const places = over !== null && shape[0] === 1 ? mapOf(array) : null;
  const all = useMemo(
    () => (places && over ? pictureFeatures(over, places) : channelFeatures(layer, array)),
    [array, layer, over],
  );
  const rows = strongest(all, ROWS);
  return (
    <Panel title={`layer ${layer}`} note={shape.join(" × ")} stale={stale}>
      <FeatureRows features={rows} named={false} unsigned={unsigned} />
      <p class="panel-note">
        {places ? "Places of the layer's map." : channelNote(shape, rows.length, all.length)}
      </p>
    </Panel>
  );
}

function channelNote(shape: readonly number[], shown: number, all: number): string {
  const what = shape.length > 1 ? "channels, each summed over its places" : "units";
  return all > shown ? `The ${shown} strongest of ${all} ${what}.` : `All ${what}.`;
}
