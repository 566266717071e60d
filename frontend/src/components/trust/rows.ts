import type { Measured } from "../../lib/verdict";
import type { Board } from "../../state/board";
import { methodOf } from "../../state/board";
import type { SurveyRow } from "../../state/survey";

/** A row of the survey under the name people know it by. */
export interface NamedRow {
  readonly id: string;
  readonly name: string;
  /** Null before it is measured. */
  readonly row: SurveyRow | null;
}

/** The rows in the order they were asked for; those not measured yet have none. */
export function namedRows(
  board: Board,
  methods: readonly string[],
  rows: readonly SurveyRow[],
): NamedRow[] {
  return methods.map((id) => ({
    id,
    name: methodOf(board, id)?.title ?? id,
    row: rows.find(({ method }) => method.id === id) ?? null,
  }));
}

/** What the words are made of. */
export function measuredOf(rows: readonly NamedRow[]): Measured[] {
  return rows.flatMap(({ name, row }) =>
    row?.figures
      ? [{ name, figures: row.figures, similarity: row.randomisation?.similarity.at(-1) ?? null }]
      : [],
  );
}
