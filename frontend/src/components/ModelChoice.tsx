import { type Board, modelName } from "../state/board";
import { chooseModel } from "../state/model";
import { Select } from "./Select";

/** Which of the board's models all views speak of. The examples stay. */
export function ModelChoice({ board }: { board: Board }) {
  if (board.models.length < 2) return null;
  return (
    <Select
      label="Model"
      options={board.models.map(({ name }) => ({ id: name, title: name }))}
      value={modelName.value ?? ""}
      onChange={chooseModel}
    />
  );
}
