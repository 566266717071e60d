// Turning from one of the board's models to another.

import { board } from "./board";
import { target } from "./explain";
import { navigate, query } from "./url";

/**
 * The same examples under another model. It is explained for its own prediction, unless the person chose a class that the
 * model before did not predict; a layer belongs to the model that has it.
 */
export function chooseModel(name: string): void {
  const first = board.peek()?.models[0]?.name;
  navigate({
    model: name === first ? null : name,
    target: target.peek() === null ? null : query.peek().target,
    layer: null,
  });
}
