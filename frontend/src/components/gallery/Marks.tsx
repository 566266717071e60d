import type { ExampleItem } from "../../state/board";
import { PINNED } from "../../state/marks";
import { selected, selectTo, toggle } from "../../state/selection";

const MOST = 2;

/** What lies over a card: whether it is selected, its tags, and that there is a note on it. */
export function Marks({ item, position }: { item: ExampleItem; position: number }) {
  const on = selected.value.has(item.index);
  const tags = item.tags.filter((tag) => tag !== PINNED);
  const more = tags.length - MOST;
  return (
    <>
      <button
        type="button"
        class="pick"
        tabIndex={-1}
        aria-pressed={on}
        aria-label={`Select example ${item.index}`}
        title="Select (Space); with Shift, everything up to here"
        onClick={(event) => {
          if (event.shiftKey) selectTo(position);
          else toggle(item.index, position);
        }}
      />
      {(tags.length > 0 || item.note || item.tags.includes(PINNED)) && (
        <span class="card-marks">
          {item.tags.includes(PINNED) && <span title="Pinned">pinned</span>}
          {tags.slice(0, MOST).map((tag) => (
            <span key={tag} title={tags.join(", ")}>
              {tag}
            </span>
          ))}
          {more > 0 && <span title={tags.join(", ")}>+{more}</span>}
          {item.note && <span title={item.note}>note</span>}
        </span>
      )}
    </>
  );
}
