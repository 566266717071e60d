import type { ComponentChildren } from "preact";
import { type Better, bestOf } from "../../lib/figures";
import type { Cell } from "../../state/compare";

export interface Figure {
  readonly value: number | null;
  /** The figure as it is written. */
  readonly text: ComponentChildren;
  /** Below it, in small. */
  readonly note?: ComponentChildren;
}

interface FigureRowProps {
  title: string;
  /** What it says, and which way is better. */
  help: string;
  note?: string;
  better?: Better;
  /** Said beside the best; left out where the columns cannot be ranked. */
  word?: string | undefined;
  cells: readonly Cell[];
  figures: readonly Figure[];
}

const ARROWS = { lower: "↓", higher: "↑" } as const;

/** One figure under each column; the best is said in words, and not by its colour. */
export function FigureRow(props: FigureRowProps) {
  const { title, help, note, better, word, cells, figures } = props;
  const best =
    better && word
      ? bestOf(
          figures.map(({ value }) => value),
          better,
        )
      : [];
  return (
    <tr>
      <th scope="row" title={help}>
        {title}
        {better && (
          <span class="direction">
            <span aria-hidden="true"> {ARROWS[better]}</span>
            <span class="hidden-text">, {better} is better</span>
          </span>
        )}
        {note && <small>{note}</small>}
      </th>
      {cells.map((cell, place) => {
        const figure = figures[place];
        return (
          <td key={cell.id} class="figure num">
            {best.includes(place) ? (
              <>
                <b>{figure?.text}</b> <em class="best">{word}</em>
              </>
            ) : (
              figure?.text
            )}
            {figure?.note && <small>{figure.note}</small>}
          </td>
        );
      })}
    </tr>
  );
}
