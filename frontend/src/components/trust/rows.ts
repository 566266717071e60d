import type { Measured } from "../../lib/verdict";
import type { Board } from "../../state/board";
import { methodOf } from "../../state/board";
import { settings } from "../../state/explain";
import { settingsPatch } from "../../state/settings";
import type { SurveyRow } from "../../state/survey";
import { type Patch, query } from "../../state/url";

/** A row of the survey under the name people know it by. */
export interface NamedRow {
  readonly id: string;
  readonly name: string;
  /** What opens the same in Explain. */
  readonly link: Patch;
  /** Null before it is measured. */
  readonly row: SurveyRow | null;
}

/** The methods in the order they were asked for; those not measured yet have no row. */
export function methodRows(
  board: Board,
  methods: readonly string[],
  rows: readonly SurveyRow[],
): NamedRow[] {
  const known = methods.filter((id) => methodOf(board, id));
  return known.map((id, place) => ({
    id,
    name: methodOf(board, id)?.title ?? id,
    link: linkOf(board, id),
    row: rows[place] ?? null,
  }));
}

function linkOf(board: Board, id: string): Patch {
  const now = settings.value;
  if (!now) return {};
  const own = id === now.method ? now : { ...now, method: id, params: {} };
  return settingsPatch(query.value, board, { ...own, layer: "" });
}

/** What the words are made of. */
export function measuredOf(rows: readonly NamedRow[]): Measured[] {
  return rows.flatMap(({ name, row }) =>
    row?.figures
      ? [{ name, figures: row.figures, similarity: row.randomisation?.similarity.at(-1) ?? null }]
      : [],
  );
}
