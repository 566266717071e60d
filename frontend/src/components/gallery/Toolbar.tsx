import { count, integer, percent } from "../../lib/format";
import type { Board } from "../../state/board";
import { confusionShown, examples, facets, filter } from "../../state/examples";
import { activeCount, CONFIDENT_MISTAKES, DEFAULT_SORT, NO_FILTER } from "../../state/filter";
import { drawerOpen } from "../../state/gallery";
import { navigate } from "../../state/url";
import { Button } from "../Button";
import { Select } from "../Select";
import { ActiveFilters } from "./ActiveFilters";
import { PredictionProgress } from "./PredictionProgress";

/** How many examples are shown and in what order; what is in force, and how to take it away. */
export function Toolbar({ board, narrow }: { board: Board; narrow: boolean }) {
  const { correct, sort } = filter.value;
  const mistakes = correct === false && sort === CONFIDENT_MISTAKES.sort;
  const active = activeCount(filter.value);
  return (
    <div class="toolbar">
      <div class="toolbar-row">
        {narrow && (
          <Button
            onClick={() => {
              drawerOpen.value = true;
            }}
          >
            Filters{active > 0 && <span class="num"> {active}</span>}
          </Button>
        )}
        <Total board={board} />
        <span class="grow" />
        {board.labelled && board.output.kind !== "regression" && (
          <Button
            pressed={mistakes}
            onClick={() =>
              navigate(
                mistakes ? { correct: null, sort: null } : { ...NO_FILTER, ...CONFIDENT_MISTAKES },
              )
            }
            title="Wrong predictions, the most confident first"
          >
            Most confident mistakes
          </Button>
        )}
        {board.labelled && board.output.kind === "classes" && (
          <Button
            pressed={confusionShown.value}
            onClick={() => navigate({ matrix: confusionShown.value ? null : 1 })}
            title="Labels against predictions of what is shown"
          >
            Confusion
          </Button>
        )}
        <Select
          label="Order"
          value={sort}
          options={sortOptions(board, sort)}
          onChange={(id) => navigate({ sort: id === DEFAULT_SORT ? null : id })}
        />
      </div>
      <ActiveFilters board={board} />
      <PredictionProgress />
    </div>
  );
}

function Total({ board }: { board: Board }) {
  const { total, stale, error, items } = examples.value;
  const { sample, draw, correct, own } = filter.value;
  const accuracy = facets.value.value?.accuracy ?? null;
  const f1 = facets.value.value?.macro_f1 ?? null;
  const matching = facets.value.value?.total;
  const said = [
    sample !== null && `drawn with seed ${draw}`,
    accuracy !== null && correct === null && total > 0 && `accuracy ${percent(accuracy)}`,
    f1 !== null && correct === null && total > 0 && `macro F1 ${f1.toFixed(3)}`,
  ].filter((part) => part !== false);
  if (stale && (error || items.length === 0))
    return <h1 class="total">{error ? "Examples" : "Looking…"}</h1>;
  return (
    <h1 class="total num" aria-live="polite">
      {sample === null
        ? own
          ? `${count(total, "example")} of your own`
          : ofAll(total, board.size)
        : `${integer(total)} of ${matching === undefined ? "…" : integer(matching)} that match`}
      <small>
        {said.length > 0 && <span class="total-apart"> · </span>}
        {said.join(" · ")}
      </small>
    </h1>
  );
}

function ofAll(total: number, size: number): string {
  if (total === size) return count(total, "example");
  return `${integer(total)} of ${count(size, "example")}`;
}

function sortOptions(board: Board, current: string) {
  const options = [{ id: DEFAULT_SORT, title: "Dataset order" }];
  options.push({ id: "-index", title: "Dataset order, last first" });
  // A number comes without confidence and margin.
  if (board.output.kind !== "regression")
    options.push(
      { id: "-score", title: "Confidence, highest first" },
      { id: "score", title: "Confidence, lowest first" },
      { id: "margin", title: "Margin, smallest first" },
      { id: "-margin", title: "Margin, largest first" },
    );
  options.push({ id: "-loss", title: "Loss, highest first" });
  options.push({ id: "loss", title: "Loss, lowest first" });
  const own = new Set(["label", "metadata", "computed", "text", "mark"]);
  for (const { name, role } of board.catalog.columns) {
    if (name !== "predicted" && (!own.has(role) || name === "tags")) continue;
    options.push(
      { id: name, title: `${name}, ascending` },
      { id: `-${name}`, title: `${name}, descending` },
    );
  }
  // A link may carry an order this list does not offer; the server judges it.
  if (!options.some((option) => option.id === current))
    options.push({ id: current, title: current });
  return options;
}
