import { useId } from "preact/hooks";
import { integer, names, probability } from "../../lib/format";
import { type Board, layers } from "../../state/board";
import { baselineId, INPUTS, shapeOf, textId } from "../../state/columns";
import { addColumn, columnIds, kind, removeColumn, resetColumns } from "../../state/compare";
import { examples } from "../../state/examples";
import { scores } from "../../state/explain";
import { reasonAgainst } from "../../state/settings";
import { query } from "../../state/url";
import { Button } from "../Button";
import { type Choice, ChoiceList } from "../ChoiceList";
import { NumberInput } from "../Field";
import { Popover } from "../method/Popover";

const LIKELIEST = 12;
const CONTRASTS = 4;
const LISTED = 40;

/** Everything that can be a column; a choice stays where it is when it is taken, and so does the focus. */
export function AddColumn({ board }: { board: Board }) {
  const text = kind.value === "examples" ? "Add an example" : "Add a column";
  return (
    <Popover title="Add a column" text={text} firm>
      <ChoiceList
        choices={choices(board)}
        chosen={columnIds.value}
        onAdd={addColumn}
        onRemove={removeColumn}
      />
      {kind.value === "targets" && !board.output.places && scores.value.length > LIKELIEST && (
        <AnyClass names={board.output.names} />
      )}
      {kind.value === "examples" && <AnyExample size={board.size} />}
      <Button onClick={resetColumns} disabled={query.value[kind.value] === undefined}>
        Back to the first columns
      </Button>
    </Popover>
  );
}

function choices(board: Board): Choice[] {
  switch (kind.value) {
    case "methods":
      return methods(board);
    case "targets":
      return targets();
    case "baselines":
      return baselines(board);
    case "models":
      return board.models.map(({ name, parameters }) => ({
        id: textId(name),
        title: name,
        note: parameters === null ? undefined : `${integer(parameters)} parameters`,
      }));
    case "layers":
      return layerChoices();
    default:
      return exampleChoices();
  }
}

/** The layers in the order they run, with the shapes of what they give. */
function layerChoices(): Choice[] {
  const found = layers.value.map((layer) => ({
    id: layer.name,
    title: layer.name,
    note: shapeOf(layer),
  }));
  return [{ id: INPUTS, title: "The inputs" }, ...found];
}

/** Those of the current list; any other one by its number. */
function exampleChoices(): Choice[] {
  return examples.value.items.slice(0, LISTED).map((item) => ({
    id: String(item.index),
    title: `#${item.index} ${Object.values(item.texts)[0] ?? ""}`,
    note: names(item.predicted_name) ?? undefined,
  }));
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

function AnyExample({ size }: { size: number }) {
  return (
    <NumberInput
      value={null}
      min={0}
      max={size - 1}
      step={1}
      label="Add any example, by its number"
      placeholder="any example, by its number…"
      onChange={(value) => value !== null && addColumn(String(Math.round(value)))}
    />
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
