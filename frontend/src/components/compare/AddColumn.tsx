import { useId } from "preact/hooks";
import { probability } from "../../lib/format";
import { type Board, layers } from "../../state/board";
import {
  addColumn,
  baselineId,
  columnIds,
  kind,
  removeColumn,
  resetColumns,
} from "../../state/compare";
import { scores } from "../../state/explain";
import { reasonAgainst } from "../../state/settings";
import { query } from "../../state/url";
import { Button } from "../Button";
import { type Choice, ChoiceList } from "../ChoiceList";
import { Popover } from "../method/Popover";

const LIKELIEST = 12;
const CONTRASTS = 4;

/** Everything that can be a column; a choice stays where it is when it is taken, and so does the focus. */
export function AddColumn({ board }: { board: Board }) {
  return (
    <Popover title="Add a column" text="Add a column" firm>
      <ChoiceList
        choices={choices(board)}
        chosen={columnIds.value}
        onAdd={addColumn}
        onRemove={removeColumn}
      />
      {kind.value === "targets" && scores.value.length > LIKELIEST && (
        <AnyClass names={board.output.names} />
      )}
      <Button onClick={resetColumns} disabled={query.value[kind.value] === undefined}>
        Back to the first columns
      </Button>
    </Popover>
  );
}

function choices(board: Board): Choice[] {
  if (kind.value === "methods") return methods(board);
  return kind.value === "targets" ? targets() : baselines(board);
}

/** Those that can run first. */
function methods(board: Board): Choice[] {
  const all = board.methods.map((method) => ({
    id: method.id,
    title: method.title,
    help: method.summary,
    reason: reasonAgainst(method, layers.value),
  }));
  return all.sort((a, b) => Number(a.reason !== null) - Number(b.reason !== null));
}

function targets(): Choice[] {
  const [first, ...others] = scores.value;
  const single = scores.value.slice(0, LIKELIEST).map(({ index, name, probability: share }) => ({
    id: String(index),
    title: name,
    note: share === null ? undefined : probability(share),
  }));
  const contrasts = others.slice(0, CONTRASTS).map(({ index, name }) => ({
    id: `${first?.index}~${index}`,
    title: `${first?.name} rather than ${name}`,
  }));
  return [...single, ...contrasts];
}

function baselines(board: Board): Choice[] {
  return board.inputs.flatMap(({ name, baselines }) =>
    baselines.map(({ id, title, help }) => ({
      id: baselineId(name, id),
      title: `${name}: ${title}`,
      help,
    })),
  );
}

function AnyClass({ names }: { names: readonly string[] }) {
  const list = useId();
  const choose = (input: HTMLInputElement) => {
    const index = names.indexOf(input.value.trim());
    if (index < 0) return;
    input.value = "";
    addColumn(String(index));
  };
  return (
    <>
      <input
        class="input"
        list={list}
        aria-label="Add any class, by name"
        placeholder="any class…"
        autocomplete="off"
        onInput={(event) => choose(event.currentTarget)}
      />
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
