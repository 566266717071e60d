import { useState } from "preact/hooks";
import { examples } from "../../state/examples";
import { writeNote } from "../../state/marks";

/** What a person writes down about one example; kept on leaving the field. */
export function Note({ index }: { index: number }) {
  const item = examples.value.items.find((known) => known.index === index);
  const [text, setText] = useState<string | null>(null);
  const [state, setState] = useState<"" | "saving" | "saved">("");
  const before = item?.note ?? "";
  const save = async () => {
    if (text === null || text === before) return;
    setState("saving");
    setState((await writeNote(index, text)) ? "saved" : "");
  };
  return (
    <label class="note-field">
      <span class="muted">Note on {index}</span>
      <input
        class="input"
        value={text ?? before}
        maxLength={4000}
        placeholder="What is odd about it?"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setState("");
        }}
        onBlur={() => void save()}
        onKeyDown={(event) => {
          if (event.key === "Enter") void save();
        }}
      />
      <span class="muted" role="status">
        {state === "saving" ? "Saving…" : state === "saved" ? "Saved" : ""}
      </span>
    </label>
  );
}
