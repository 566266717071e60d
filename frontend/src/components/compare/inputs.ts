import { mapOf, perToken } from "../../lib/attribution";
import type { NumericArray } from "../../lib/safetensors";
import { limitAt } from "../../lib/scale";
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

/** The value a column draws in full colour. */
export function limitOf(
  cell: Cell,
  input: ExampleInput,
  detail: ExampleDetail,
  clip: number,
): number {
  const array = arrayOf(cell, input, detail);
  if (!array) return 0;
  if (input.view.kind === "text") return limitAt(perToken(array), 100);
  const map =
    input.view.kind === "image" ? mapOf(array, sharesValues(input.name, cell.shown)) : null;
  return map ? limitAt(map.values, clip) : limitAt(array.data, 100);
}
