import { useEffect } from "preact/hooks";
import type { Board } from "../../state/board";
import { type EditInfo, loadEdits, ownExamples } from "../../state/edits";
import { drawnInput, filter, opening } from "../../state/examples";
import { NO_CHOICE } from "../../state/filter";
import { href, navigate } from "../../state/url";
import { Thumbnail } from "../Thumbnail";

const WIDTH = 48;

/** One's own examples, above the dataset's: made in Explain by changing one of those. */
export function OwnExamples({ board }: { board: Board }) {
  useEffect(loadEdits, []);
  const all = ownExamples.value;
  if (!all.length) return null;
  return (
    <section class="own-examples" aria-label="Examples of your own">
      <h2>
        Your own <span class="num">{all.length}</span>{" "}
        <button
          type="button"
          class="link"
          onClick={() => navigate({ ...NO_CHOICE, own: filter.value.own ? null : true })}
        >
          {filter.value.own ? "Show the dataset's" : "List, filter and sort them"}
        </button>
      </h2>
      <ul>
        {all.map((one) => (
          <OwnExample key={one.index} board={board} edit={one} />
        ))}
      </ul>
    </section>
  );
}

function OwnExample({ board, edit }: { board: Board; edit: EditInfo }) {
  const picture = drawnInput(board);
  const text = Object.values(edit.texts).join(" · ");
  const made = edit.origin === null ? "" : `, made of #${edit.origin}`;
  return (
    <li>
      <a
        href={href(opening(edit.index))}
        title={`#${edit.index} ${text}${made}`}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          navigate(opening(edit.index));
        }}
      >
        {picture && <Thumbnail index={edit.index} input={picture} width={WIDTH} />}
        <span class="own-text" dir="auto">
          {text || `#${edit.index}`}
        </span>
      </a>
    </li>
  );
}
