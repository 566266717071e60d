import { names, probability } from "../../lib/format";
import { highlight } from "../../lib/highlight";
import type { Board, ExampleItem } from "../../state/board";
import { drawnInput, opening } from "../../state/examples";
import { href } from "../../state/url";
import { Thumbnail } from "../Thumbnail";

interface CardProps {
  board: Board;
  item: ExampleItem;
  /** Its place in the list, and how many there are: what a reader is told. */
  position: number;
  total: number;
  search: string;
  /** Of the picture, in CSS pixels; 0 for a board without pictures. */
  width: number;
  active: boolean;
  selected?: boolean;
  onOpen: () => void;
  /** A click with Shift: everything up to here. */
  onSelectTo?: () => void;
  onFocus: () => void;
}

/** One example: its picture whole, its text, what was predicted and whether that is right. */
export function Card({ board, item, position, active, onOpen, onFocus, ...rest }: CardProps) {
  const { search, total, width, onSelectTo, selected } = rest;
  const image = drawnInput(board);
  const texts = Object.values(item.texts).filter((text) => text !== null);
  return (
    <a
      class="card"
      href={href(opening(item.index))}
      tabIndex={active ? 0 : -1}
      data-position={position}
      data-active={active}
      data-selected={selected}
      aria-description={`${position + 1} of ${total}`}
      onFocus={onFocus}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        if (event.shiftKey && onSelectTo) onSelectTo();
        else onOpen();
      }}
    >
      {image && width > 0 && (
        <span class={image.picture ? "card-picture" : "card-drawing"}>
          <Thumbnail
            index={item.index}
            input={image}
            width={width}
            alt={texts.length > 0 ? "" : `${image.name} of example ${item.index}`}
          />
        </span>
      )}
      {texts.map((text) => (
        <span key={text} class="card-text" title={text}>
          <Marked text={text} search={search} />
        </span>
      ))}
      <Verdict item={item} labelled={board.labelled} />
    </a>
  );
}

function Marked({ text, search }: { text: string; search: string }) {
  return (
    <>
      {highlight(text, search).map((piece) => (piece.hit ? <mark>{piece.text}</mark> : piece.text))}
    </>
  );
}

/** What the model said, how sure it was, and in a word whether it is right. */
function Verdict({ item, labelled }: { item: ExampleItem; labelled: boolean }) {
  const { correct, score } = item;
  const predicted = names(item.predicted_name);
  const state = correct === null ? "open" : correct ? "right" : "wrong";
  return (
    <span class={`verdict ${state}`}>
      <span class="verdict-name" title={predicted ?? undefined}>
        {predicted ?? "not predicted yet"}
      </span>
      {score !== null && <span class="num muted">{probability(score)}</span>}
      {labelled && <span class="verdict-word">{outcome(item)}</span>}
    </span>
  );
}

function outcome({ correct, label_name, predicted }: ExampleItem): string {
  const label = names(label_name);
  if (correct === true) return "right";
  if (correct === false) return label === null ? "wrong" : `wrong, label ${label}`;
  // A background job reads the examples; until it comes to this one, its label is not known.
  if (label === null) return predicted === null ? "" : "no label";
  return `label ${label}`;
}
