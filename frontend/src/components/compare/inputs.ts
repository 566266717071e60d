import { columnFeatures, mapOf, perToken } from "../../lib/attribution";
import { edgeValues, nodeValues } from "../../lib/graph";
import { matrixAt } from "../../lib/matrix";
import type { NumericArray } from "../../lib/safetensors";
import { limitAt } from "../../lib/scale";
import { plotted, strongestOf } from "../../lib/series";
import { partsOf } from "../../lib/table";
import {
  heights,
  LAYER,
  type Moment,
  profileOf,
  strongestFrame,
  type Volume,
  volumeLimit,
  volumeOf,
} from "../../lib/video";
import type { ExampleDetail, ExampleInput } from "../../state/board";
import type { Cell } from "../../state/compare";
import { atLayer, sharesValues } from "../../state/explain";

/** A column's attributions of one input; null where they live elsewhere or are not there yet. */
export function arrayOf(
  cell: Cell,
  input: ExampleInput,
  detail: ExampleDetail,
): NumericArray | null {
  const layer = atLayer(detail, cell.shown);
  const found = layer ? layer.over === input.name && layer.array : cell.shown?.arrays[input.name];
  return found || null;
}

/** A column's own view of an input; null while its example is on its way. */
export function inputOf(cell: Cell, name: string): ExampleInput | null {
  return cell.detail?.inputs.find((input) => input.name === name) ?? null;
}

/** A column's attributions of a clip; null where there are none to draw. */
export function volumeIn(cell: Cell, name: string): Volume | null {
  const input = inputOf(cell, name);
  if (!input || !cell.detail || input.view.kind !== "video") return null;
  const array = arrayOf(cell, input, cell.detail);
  const layer = atLayer(cell.detail, cell.shown) !== null;
  const layout = layer ? LAYER : input.view.layout;
  return array && volumeOf(array, layout, sharesValues(name, cell.shown));
}

/** The frame that counts most over all columns, each in its own scale. */
export function restFrame(cells: readonly Cell[], name: string): number {
  const sums: Moment[] = [];
  for (const cell of cells) {
    const volume = volumeIn(cell, name);
    const profile = volume ? profileOf(volume) : [];
    const most = Math.max(...Object.values(heights(profile)));
    if (!(most > 0)) continue;
    profile.forEach((moment, frame) => {
      const before = sums[frame] ?? { for: 0, against: 0 };
      sums[frame] = {
        for: before.for + moment.for / most,
        against: before.against + moment.against / most,
      };
    });
  }
  return strongestFrame(sums);
}

/** The value a column draws in full colour. */
export function limitOf(cell: Cell, name: string, clip: number): number {
  const input = inputOf(cell, name);
  const array = input && cell.detail ? arrayOf(cell, input, cell.detail) : null;
  if (!input || !array) return 0;
  if (input.view.kind === "text") return limitAt(perToken(array), 100);
  if (input.view.kind === "table") {
    const shared = sharesValues(input.name, cell.shown);
    const columns = columnFeatures(input.name, partsOf(input.view.columns), array, shared);
    return limitAt(
      Float64Array.from(columns, ({ value }) => value),
      100,
    );
  }
  if (input.view.kind === "series") {
    const { channels, layout } = input.view;
    return strongestOf(
      plotted(array, channels.length, layout === "last", sharesValues(input.name, cell.shown)),
    );
  }
  if (input.view.kind === "tensor")
    return limitAt(matrixAt(array, [], sharesValues(input.name, cell.shown)).values, 100);
  if (input.view.kind === "graph") {
    return limitAt(nodeValues(array, sharesValues(input.name, cell.shown)), 100);
  }
  if (input.view.kind === "edges") {
    const { edges, directed } = input.view;
    return limitAt(edgeValues(edges, directed, array, sharesValues(input.name, cell.shown)), 100);
  }
  if (input.view.kind === "video") {
    const volume = volumeIn(cell, name);
    return volume ? volumeLimit(volume, clip) : 0;
  }
  const { view } = input;
  const map =
    view.kind === "image" ? mapOf(array, sharesValues(input.name, cell.shown), view) : null;
  return map ? limitAt(map.values, clip) : limitAt(array.data, 100);
}

/** The places of a table's columns, strongest first over all that is compared, so that rows line up. */
export function orderOf(
  cells: readonly Cell[],
  input: ExampleInput,
  detail: ExampleDetail,
): number[] {
  if (input.view.kind !== "table") return [];
  const parts = partsOf(input.view.columns);
  const strength = new Float64Array(parts.length);
  for (const cell of cells) {
    const array = arrayOf(cell, input, detail);
    const limit = limitOf(cell, input.name, 100);
    if (!array || !(limit > 0)) continue;
    const shared = sharesValues(input.name, cell.shown);
    columnFeatures(input.name, parts, array, shared).forEach(({ value }, place) => {
      strength[place] = at(strength, place) + Math.abs(value) / limit;
    });
  }
  return parts.map((_, place) => place).sort((a, b) => at(strength, b) - at(strength, a));
}

function at(values: Float64Array, place: number): number {
  return values[place] ?? 0;
}
