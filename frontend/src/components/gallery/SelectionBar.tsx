import { useState } from "preact/hooks";
import { count, integer } from "../../lib/format";
import { examples, openExample } from "../../state/examples";
import { changeTags, marksError, PINNED, tags } from "../../state/marks";
import {
  clearSelection,
  selectAll,
  selected,
  selecting,
  selectionError,
} from "../../state/selection";
import { navigate } from "../../state/url";
import { Button } from "../Button";
import { Notice } from "../Notice";
import { exportIds } from "./export";
import { Note } from "./Note";

/** More than this do not fit an address; tag them instead. */
const MOST_LISTED = 200;

/** What can be done with the selected examples; there while any are. */
export function SelectionBar() {
  const indices = [...selected.value];
  const error = selectionError.value ?? marksError.value;
  if (indices.length === 0 && !error) return null;
  const [first] = indices;
  return (
    <section class="selection-bar" aria-label="Selection">
      {error && <Notice error={error} />}
      {indices.length > 0 && (
        <div class="selection-row">
          <strong class="num" aria-live="polite">
            {integer(indices.length)} selected
          </strong>
          {first !== undefined && (
            <Button kind="primary" onClick={() => openExample(first)}>
              {indices.length === 1 ? "Explain" : "Explain the first"}
            </Button>
          )}
          <Tagger indices={indices} />
          <PinButton indices={indices} />
          {indices.length <= MOST_LISTED && (
            <Button
              onClick={() => navigate({ where: `index in (${indices.join(", ")})` })}
              title="Filter the list by these examples"
            >
              Show only these
            </Button>
          )}
          {indices.length === 1 && (
            <Button
              onClick={() => navigate({ near: first ?? null })}
              title="Nearest neighbours (n)"
            >
              Similar
            </Button>
          )}
          <Button onClick={() => exportIds("csv", indices)}>CSV</Button>
          <Button onClick={() => exportIds("json", indices)}>JSON</Button>
          <span class="grow" />
          {indices.length < examples.value.total && (
            <Button
              kind="quiet"
              disabled={selecting.value}
              onClick={() => void selectAll()}
              title="Select everything that matches (Ctrl+A)"
            >
              {selecting.value ? "Selecting…" : `Select all ${integer(examples.value.total)}`}
            </Button>
          )}
          <Button kind="quiet" onClick={clearSelection} title="Select nothing (Esc)">
            Clear
          </Button>
        </div>
      )}
      {indices.length === 1 && first !== undefined && <Note key={first} index={first} />}
    </section>
  );
}

/** Gives or takes away a tag: of all the selected at once. */
function Tagger({ indices }: { indices: readonly number[] }) {
  const [text, setText] = useState("");
  const chosen = new Set(indices);
  const shown = examples.value.items.filter((item) => chosen.has(item.index));
  const common = (shown[0]?.tags ?? []).filter(
    (tag) =>
      tag !== PINNED &&
      shown.length === indices.length &&
      shown.every((item) => item.tags.includes(tag)),
  );
  const add = async () => {
    if (text.trim() !== "" && (await changeTags(indices, [text]))) setText("");
  };
  return (
    <form
      class="tagger"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      {common.map((tag) => (
        <span key={tag} class="chip removable">
          {tag}
          <button
            type="button"
            aria-label={`Take the tag ${tag} away`}
            onClick={() => void changeTags(indices, [], [tag])}
          >
            ×
          </button>
        </span>
      ))}
      <input
        id="tag-field"
        class="input"
        list="known-tags"
        placeholder="Tag"
        aria-label={`Tag for ${count(indices.length, "example")}`}
        autocomplete="off"
        maxLength={64}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <datalist id="known-tags">
        {tags.value.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Button onClick={() => void add()} disabled={text.trim() === ""}>
        Add tag
      </Button>
    </form>
  );
}

function PinButton({ indices }: { indices: readonly number[] }) {
  const chosen = new Set(indices);
  const shown = examples.value.items.filter((item) => chosen.has(item.index));
  const pinned = shown.length > 0 && shown.every((item) => item.tags.includes(PINNED));
  return (
    <Button
      pressed={pinned}
      title="Keep in sight above every list (p)"
      onClick={() => void changeTags(indices, pinned ? [] : [PINNED], pinned ? [PINNED] : [])}
    >
      {pinned ? "Unpin" : "Pin"}
    </Button>
  );
}
