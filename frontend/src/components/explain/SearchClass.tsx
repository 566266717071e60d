import { useEffect, useState } from "preact/hooks";
import { probability } from "../../lib/format";
import type { ExampleDetail, Score } from "../../state/board";
import { modelName } from "../../state/board";
import { chooseTarget, ownTarget, place } from "../../state/explain";
import { scoresOf } from "../../state/places";
import { Popover } from "../method/Popover";

/** Waits for this many milliseconds without typing before it asks. */
const PAUSE = 180;
const FOUND = 20;

/** Any of very many classes, found by a part of its name. */
export function SearchClass({ detail }: { detail: ExampleDetail }) {
  const [text, setText] = useState("");
  const found = useFound(detail.index, text);
  const choose = (index: number) => chooseTarget(index === ownTarget.peek() ? null : String(index));
  return (
    <Popover title="Any class, by name" text="search…">
      <label class="setting">
        <span class="setting-name">Part of its name</span>
        <input
          class="input"
          value={text}
          autocomplete="off"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <p class="setting-help" role="status">
        {found.error ?? summary(text, found.total)}
      </p>
      <ul class="found-classes">
        {found.scores.map(({ index, name, probability: share }) => (
          <li key={index}>
            <button type="button" class="chip" onClick={() => choose(index)}>
              <span dir="auto">{name}</span>
              {share !== null && <span class="num">{probability(share)}</span>}
            </button>
          </li>
        ))}
      </ul>
    </Popover>
  );
}

function summary(text: string, total: number): string {
  if (text === "") return "The likeliest come first.";
  return total > FOUND ? `${total} found; the likeliest ${FOUND}:` : `${total} found`;
}

interface Found {
  scores: readonly Score[];
  total: number;
  error: string | null;
}

function useFound(example: number, text: string): Found {
  const [found, setFound] = useState<Found>({ scores: [], total: 0, error: null });
  const at = place.value;
  const model = modelName.value;
  useEffect(() => {
    if (at === null || model === null) return;
    let wanted = true;
    const timer = setTimeout(() => {
      scoresOf(example, model, at, text, FOUND).then(
        ({ scores, total }) => wanted && setFound({ scores, total, error: null }),
        () => wanted && setFound({ scores: [], total: 0, error: "The search failed. Type again." }),
      );
    }, PAUSE);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [example, model, at, text]);
  return found;
}
