import { names } from "../../lib/format";
import type { Board, ExampleItem } from "../../state/board";
import { type Drawn, drawnInput, openExample, opening } from "../../state/examples";
import { changeTags, PINNED, pins } from "../../state/marks";
import { href } from "../../state/url";
import { Thumbnail } from "../Thumbnail";

const WIDTH = 48;

/** The pinned examples, in sight whatever the list shows. */
export function Pins({ board }: { board: Board }) {
  const held = pins.value.value ?? [];
  if (held.length === 0) return null;
  const image = drawnInput(board);
  return (
    <section class="pins" aria-label="Pinned">
      <h2>Pinned</h2>
      <ul>
        {held.map((item) => (
          <Pin key={item.index} item={item} image={image} />
        ))}
      </ul>
    </section>
  );
}

function Pin({ item, image }: { item: ExampleItem; image: Drawn | null }) {
  const said = Object.values(item.texts).find((text) => text !== null) ?? "";
  return (
    <li>
      <a
        href={href(opening(item.index))}
        title={`Example ${item.index}. ${said} ${names(item.predicted_name) ?? ""}`}
        aria-label={`Pinned example ${item.index}`}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          openExample(item.index);
        }}
      >
        {image ? (
          <Thumbnail index={item.index} input={image} width={WIDTH} />
        ) : (
          <span class="num">{item.index}</span>
        )}
      </a>
      <button
        type="button"
        class="unpin"
        aria-label={`Unpin example ${item.index}`}
        onClick={() => void changeTags([item.index], [], [PINNED])}
      >
        ×
      </button>
    </li>
  );
}
