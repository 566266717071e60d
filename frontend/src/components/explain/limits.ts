import { mapOf, perToken } from "../../lib/attribution";
import { matrixAt } from "../../lib/matrix";
import { limitAt } from "../../lib/scale";
import { plotted, strongestOf } from "../../lib/series";
import { volumeLimit, volumeOf } from "../../lib/video";
import type { ExampleInput } from "../../state/board";
import { type Shown, sharesValues } from "../../state/explain";

/** The value one input draws in full colour: for pictures the percentile `clip` of the strengths. */
function limitOf({ name, view }: ExampleInput, shown: Shown, clip: number): number {
  const array = shown.arrays[name];
  if (!array) return 0;
  if (view.kind === "text") return limitAt(perToken(array), 100);
  if (view.kind === "series") {
    const { channels, layout } = view;
    return strongestOf(
      plotted(array, channels.length, layout === "last", sharesValues(name, shown)),
    );
  }
  if (view.kind === "tensor")
    return limitAt(matrixAt(array, [], sharesValues(name, shown)).values, 100);
  const shared = sharesValues(name, shown);
  if (view.kind === "video") {
    const volume = volumeOf(array, view.layout, shared);
    return volume ? volumeLimit(volume, clip) : 0;
  }
  const map = view.kind === "image" ? mapOf(array, shared, view) : null;
  return map ? limitAt(map.values, clip) : limitAt(array.data, 100);
}

/** The value in full colour where all inputs share a scale: the greatest of their own. */
export function commonLimit(
  inputs: readonly ExampleInput[],
  results: readonly Shown[],
  clip: number,
): number {
  return Math.max(
    0,
    ...results.flatMap((shown) => inputs.map((input) => limitOf(input, shown, clip))),
  );
}
