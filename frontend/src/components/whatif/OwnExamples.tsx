import { useEffect } from "preact/hooks";
import type { Board } from "../../state/board";
import { type EditInfo, loadEdits, ownExamples } from "../../state/edits";
import { drawnInput, opening } from "../../state/examples";
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
        Your own <span class="num">{all.length}</span>
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
