import { type Board, layers } from "../../state/board";
import { hasKind } from "../../state/columns";
import {
  chooseComparedMethod,
  chooseKind,
  chooseLayout,
  chooseScale,
  type Kind,
  kind,
  type Layout,
  layout,
  type ScaleKind,
  scaleKind,
} from "../../state/compare";
import { drawnInput } from "../../state/examples";
import { settings } from "../../state/explain";
import { reasonAgainst } from "../../state/settings";
import { ModeSwitch } from "../explain/ImageControls";
import { Segmented } from "../Segmented";
import { Select } from "../Select";
import { AddColumn } from "./AddColumn";

const KINDS: readonly { id: Kind; title: string; help: string }[] = [
  { id: "methods", title: "Methods", help: "The same answer, explained by several methods" },
  { id: "targets", title: "Targets", help: "Several answers, explained by one method" },
  {
    id: "baselines",
    title: "Baselines",
    help: "The same answer and method, from several baselines",
  },
  { id: "models", title: "Models", help: "Each model explained for its own prediction" },
  { id: "layers", title: "Layers", help: "The same answer, explained at several layers" },
  { id: "examples", title: "Examples", help: "Several examples, explained by one method" },
];

const LAYOUTS: readonly { id: Layout; title: string; help: string }[] = [
  { id: "columns", title: "Side by side", help: "An example a column" },
  {
    id: "rows",
    title: "As rows",
    help: "An example a row: labels, predictions and coloured inputs",
  },
];

const SCALES: readonly { id: ScaleKind; title: string }[] = [
  { id: "own", title: "Own scale" },
  { id: "shared", title: "Shared scale" },
];

/** What the columns are, and how they are drawn. */
export function CompareBar({ board }: { board: Board }) {
  const kinds = KINDS.filter(({ id }) => hasKind(id));
  return (
    <section class="compare-bar" aria-label="Columns">
      <Segmented label="Columns" options={kinds} value={kind.value} onChange={chooseKind} />
      {kind.value !== "methods" && <ComparedMethod board={board} />}
      {kind.value === "examples" && (
        <Segmented label="Layout" options={LAYOUTS} value={layout.value} onChange={chooseLayout} />
      )}
      <AddColumn board={board} />
      <span class="grow" />
      {drawnInput(board)?.picture && <ModeSwitch />}
      <Select
        label="Colour scale"
        options={SCALES}
        value={scaleKind.value}
        onChange={(id) => chooseScale(id as ScaleKind)}
      />
    </section>
  );
}

function ComparedMethod({ board }: { board: Board }) {
  const able = board.methods.filter(
    (method) =>
      reasonAgainst(method, layers.value) === null &&
      (kind.value !== "layers" || method.sites.includes("layer")),
  );
  const chosen = settings.value?.method ?? "";
  const unknown = able.some(({ id }) => id === chosen) ? [] : [{ id: chosen, title: chosen }];
  return (
    <Select
      label="Method"
      options={[...unknown, ...able]}
      value={chosen}
      onChange={chooseComparedMethod}
    />
  );
}
