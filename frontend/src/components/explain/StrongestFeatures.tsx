import { useMemo } from "preact/hooks";
import {
  columnFeatures,
  elementFeatures,
  type Feature,
  mapOf,
  perToken,
  pictureFeatures,
  strongest,
} from "../../lib/attribution";
import { edgeFeatures, edgeValues, nodeFeatures, nodeValues } from "../../lib/graph";
import { plotted, seriesFeatures } from "../../lib/series";
import { soundFeatures, soundMap } from "../../lib/sound";
import { partsOf } from "../../lib/table";
import { tubeFeatures, volumeOf } from "../../lib/video";
import { type UnitKind, unitFeatures, unitsOf, unitValues } from "../../lib/words";
import type { ExampleDetail, ExampleInput } from "../../state/board";
import { display } from "../../state/display";
import type { Shown } from "../../state/explain";
import { isUnsigned, sharesValues } from "../../state/explain";
import { FeatureRows } from "./FeatureRows";
import { Panel } from "./Panel";

const ROWS = 8;

/** What counts most, over all inputs: words, regions of pictures, elements of anything else. */
export function StrongestFeatures({ detail, shown }: { detail: ExampleDetail; shown: Shown }) {
  const { units } = display.value;
  const features = useMemo(
    () =>
      strongest(
        detail.inputs.flatMap((input) => featuresOf(input, shown, detail, units)),
        ROWS,
      ),
    [detail, shown, units],
  );
  return (
    <Panel title="Strongest features" stale={shown.stale}>
      <FeatureRows
        features={features}
        named={detail.inputs.length > 1}
        unsigned={isUnsigned(shown)}
      />
    </Panel>
  );
}

/** An input's words, regions, nodes or elements, with their values. */
export function featuresOf(
  input: ExampleInput,
  shown: Shown,
  detail: ExampleDetail,
  kind: UnitKind = "tokens",
): Feature[] {
  const array = shown.arrays[input.name];
  if (!array || input.view.kind === "hidden") return [];
  const { name, view } = input;
  const shared = sharesValues(name, shown);
  if (view.kind === "table") return columnFeatures(name, partsOf(view.columns), array, shared);
  if (view.kind === "audio") {
    return soundFeatures(name, soundMap(array, view.form, shared), view.seconds, shared);
  }
  if (view.kind === "series") {
    const names = view.channels.map((channel) => channel.name);
    const found = plotted(array, names.length, view.layout === "last", shared);
    return seriesFeatures(name, names, found, view);
  }
  if (view.kind === "graph") return nodeFeatures(name, view.names, nodeValues(array, shared));
  if (view.kind === "edges") {
    const values = edgeValues(view.edges, view.directed, array, shared);
    return edgeFeatures(name, view.edges, nodeNames(view.of, detail), view.directed, values);
  }
  if (view.kind === "text") {
    const units = unitsOf(view.text, view.tokens, kind);
    return unitFeatures(name, units, unitValues(units, perToken(array), shared));
  }
  if (view.kind === "video") {
    const volume = volumeOf(array, view.layout, shared);
    return volume ? tubeFeatures(name, volume, shared) : elementFeatures(name, array);
  }
  const map = view.kind === "image" ? mapOf(array, shared, view) : null;
  return map ? pictureFeatures(name, map, shared) : elementFeatures(name, array);
}

function nodeNames(of: string, detail: ExampleDetail): readonly string[] {
  const nodes = detail.inputs.find(({ name }) => name === of)?.view;
  return nodes?.kind === "graph" ? nodes.names : [];
}
