import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Board, ExampleItem } from "../../state/board";
import { type EditInfo, isOwn, originIndex, ownExamples } from "../../state/edits";
import {
  drawnInput,
  exampleIndex,
  examplePosition,
  examples,
  wantExamples,
} from "../../state/examples";
import { showExample } from "../../state/explain";
import { narrow } from "../../state/screen";
import { Thumbnail } from "../Thumbnail";

/** So many neighbours are drawn before and after the example on screen. */
const AROUND = 12;
/** An example is looked for among the first so many of a list; beyond, its neighbours stay unknown. */
const SEARCHED = 20_000;
const MORE = 1000;
const WIDTH = 64;

/** The examples of the current list around the one on screen. */
export function ExampleStrip({ board }: { board: Board }) {
  const { items, total } = examples.value;
  const own = isOwn(exampleIndex.value);
  const missing = examplePosition.value < 0 && !own;
  const origin = items.findIndex(({ index }) => index === originIndex.value);
  const position = Math.max(0, own ? origin : examplePosition.value);
  const list = useRef<HTMLUListElement>(null);
  const related = ownExamples.value.filter(({ origin }) => origin === originIndex.value);
  const start = Math.max(0, position - AROUND);
  const near = items.slice(start, position + AROUND + 1);
  useEffect(() => {
    const wanted = missing ? Math.min(SEARCHED, items.length + MORE) : position + AROUND;
    if (items.length < Math.min(total, wanted)) wantExamples(missing ? wanted : wanted + AROUND);
    reveal(list.current);
  }, [position, missing, items.length, total, narrow.value]);
  if (!near.length) return null;
  return (
    <nav class="strip" aria-label="Examples of the current list">
      <ul ref={list}>
        {near.map((item) => (
          <Fragment key={item.index}>
            <StripItem item={item} board={board} />
            {item.index === originIndex.value &&
              related.map((edit) => <OwnItem key={edit.index} edit={edit} board={board} />)}
          </Fragment>
        ))}
        {origin < start &&
          related.map((edit) => <OwnItem key={edit.index} edit={edit} board={board} />)}
      </ul>
    </nav>
  );
}

function StripItem({ item, board }: { item: ExampleItem; board: Board }) {
  const picture = drawnInput(board);
  const text = Object.values(item.texts).join(" · ");
  const wrong = item.correct === false ? ", predicted wrong" : "";
  const on = item.index === exampleIndex.value;
  return (
    <li>
      <button
        type="button"
        class="strip-item"
        aria-current={on ? "true" : undefined}
        aria-label={`Example ${item.index}${text && `: ${text}`}${wrong}`}
        title={`#${item.index} ${text}${wrong}`}
        onClick={() => showExample(item.index)}
      >
        {picture ? (
          <Thumbnail index={item.index} input={picture} width={WIDTH} />
        ) : (
          <span class="strip-text">{text || `#${item.index}`}</span>
        )}
        {item.correct === false && <span class="strip-wrong" />}
      </button>
    </li>
  );
}

/** An example of one's own, after the one it was made of. */
function OwnItem({ edit, board }: { edit: EditInfo; board: Board }) {
  const picture = drawnInput(board);
  const text = Object.values(edit.texts).join(" · ");
  return (
    <li>
      <button
        type="button"
        class="strip-item own"
        aria-current={edit.index === exampleIndex.value ? "true" : undefined}
        aria-label={`Your own example ${edit.index}${text && `: ${text}`}`}
        title={`#${edit.index} your own: ${edit.changed.join(", ")} changed`}
        onClick={() => showExample(edit.index)}
      >
        {picture ? (
          <Thumbnail index={edit.index} input={picture} width={WIDTH} />
        ) : (
          <span class="strip-text">{text || `#${edit.index}`}</span>
        )}
      </button>
    </li>
  );
}

/** Scrolls the strip alone, never the page. */
function reveal(list: HTMLUListElement | null): void {
  const strip = list?.parentElement;
  const item = list?.querySelector<HTMLElement>('[aria-current="true"]')?.parentElement;
  if (!strip || !item) return;
  strip.scrollTop = item.offsetTop - strip.clientHeight / 2 + item.clientHeight / 2;
  strip.scrollLeft = item.offsetLeft - strip.clientWidth / 2 + item.clientWidth / 2;
}
