import { useState } from "preact/hooks";
import type { SavedView } from "../../state/board";
import { query } from "../../state/url";
import {
  deleteView,
  isShown,
  openView,
  renameView,
  savedViews,
  saveView,
  viewsError,
} from "../../state/views";
import { Button } from "../Button";
import { Notice } from "../Notice";
import { Group } from "./Group";

/** Names for filters and orders, kept with the board. */
export function SavedViews() {
  const [name, setName] = useState("");
  const save = async () => {
    if (name.trim() !== "" && (await saveView(name))) setName("");
  };
  return (
    <Group title="Saved views">
      {savedViews.value.length === 0 && (
        <p class="muted">Name this filter and order to find it again.</p>
      )}
      <ul class="saved-views">
        {savedViews.value.map((view) => (
          <Row key={view.name} view={view} />
        ))}
      </ul>
      <form
        class="ids-row"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <input
          class="input"
          placeholder="Name"
          aria-label="Name of this view"
          maxLength={100}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <Button onClick={() => void save()} disabled={name.trim() === ""}>
          Save view
        </Button>
      </form>
      {viewsError.value && <Notice error={viewsError.value} />}
    </Group>
  );
}

function Row({ view }: { view: SavedView }) {
  const [name, setName] = useState<string | null>(null);
  const rename = async () => {
    if (name === null) return;
    if (name.trim() === "" || name.trim() === view.name || (await renameView(view.name, name)))
      setName(null);
  };
  if (name !== null)
    return (
      <li>
        <form
          class="ids-row"
          onSubmit={(event) => {
            event.preventDefault();
            void rename();
          }}
        >
          <input
            class="input"
            aria-label={`New name of ${view.name}`}
            value={name}
            maxLength={100}
            onInput={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") setName(null);
            }}
          />
          <Button onClick={() => void rename()}>Rename</Button>
        </form>
      </li>
    );
  return (
    <li>
      <button
        type="button"
        class="saved-view"
        aria-current={isShown(view, query.value) ? "true" : undefined}
        title={view.query}
        onClick={() => openView(view)}
      >
        {view.name}
      </button>
      <Button kind="quiet" onClick={() => setName(view.name)} label={`Rename ${view.name}`}>
        ✎
      </Button>
      <Button kind="quiet" onClick={() => void deleteView(view.name)} label={`Delete ${view.name}`}>
        ×
      </Button>
    </li>
  );
}
