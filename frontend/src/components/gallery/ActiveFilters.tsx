import type { Board } from "../../state/board";
import { facets, filter } from "../../state/examples";
import {
  type ColumnChoice,
  NO_CHOICE,
  onlyPatch,
  toggled,
  toggledTag,
  toggledValues,
} from "../../state/filter";
import { navigate, type Patch } from "../../state/url";
import { RemovableChip } from "../Chip";

interface Active {
  text: string;
  without: Patch;
}

/** Every choice in force, each with the way out of it. */
export function ActiveFilters({ board }: { board: Board }) {
  const active = activeFilters(board);
  if (active.length === 0) return null;
  return (
    <div class="toolbar-row active-filters">
      {active.map(({ text, without }) => (
        <RemovableChip key={text} text={text} onRemove={() => navigate(without)} />
      ))}
      <button type="button" class="link" onClick={() => navigate(NO_CHOICE)}>
        Clear all
      </button>
    </div>
  );
}

function activeFilters(board: Board): Active[] {
  const { label, predicted, correct, minScore, maxScore, text, where } = filter.value;
  const { sample, draw, stratified, only, tags, own } = filter.value;
  const list: Active[] = [];
  if (own) list.push({ text: "your own examples", without: { own: null } });
  if (text !== "") list.push({ text: `contains “${text}”`, without: { q: null } });
  if (correct !== null)
    list.push({ text: correct ? "right" : "wrong", without: { correct: null } });
  for (const value of label)
    list.push({ text: `label ${nameOf(board, value)}`, without: { label: toggled(label, value) } });
  for (const value of predicted)
    list.push({
      text: `predicted ${nameOf(board, value)}`,
      without: { predicted: toggled(predicted, value) },
    });
  if (minScore !== null || maxScore !== null)
    list.push({
      text: `confidence ${rangeText(minScore, maxScore)}`,
      without: { min_score: null, max_score: null },
    });
  for (const [column, choice] of Object.entries(only)) list.push(...choices(column, choice));
  for (const tag of tags)
    list.push({ text: `tag ${tag}`, without: { tag: toggledTag(tags, tag) } });
  if (where !== "") list.push({ text: where, without: { where: null } });
  if (sample !== null)
    list.push({
      text: `${stratified ? "stratified " : ""}subsample of ${sample}, seed ${draw}`,
      without: { sample: null, draw: null, strata: null },
    });
  return list;
}

function choices(column: string, choice: ColumnChoice): Active[] {
  if (!("values" in choice)) {
    const text = `${column} ${rangeText(choice.min, choice.max)}`;
    return [{ text, without: onlyPatch(column, null) }];
  }
  return choice.values.map((value) => ({
    text: `${column} ${value === null ? "empty" : value}`,
    without: onlyPatch(column, toggledValues(choice, value)),
  }));
}

function nameOf(board: Board, value: number): string {
  const known = facets.value.value?.labels.find((entry) => entry.value === value)?.name;
  return board.output.names[value] ?? known ?? String(value);
}

function rangeText(min: number | null, max: number | null): string {
  if (min === null) return `up to ${max}`;
  return max === null ? `from ${min}` : `${min} to ${max}`;
}
