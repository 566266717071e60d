import { probability } from "../../lib/format";
import { headAt, type PlacesInfo } from "../../lib/places";
import type { Board, ExampleDetail } from "../../state/board";
import { choosePlace, place, predictionOf } from "../../state/explain";

/** Beyond this many, positions keep to a box of their own that scrolls. */
const MANY = 120;
/** In place of a class, where a position is padding. */
const PADDING = -1;

/** At which position, or of which head, the answer is explained. */
export function PlacePicker({ board, detail }: { board: Board; detail: ExampleDetail }) {
  const { places } = board.output;
  const found = predictionOf()?.places;
  if (!places || !found?.classes || places.what === "pixel") return null;
  const heads = places.what === "head";
  const words = heads ? places.heads.map(({ name }) => name) : wordsOf(detail, places.of);
  return (
    <section
      class={`places ${heads ? "heads" : ""} ${found.classes.length > MANY ? "many" : ""}`}
      aria-label={heads ? "Explained head" : "Explained position"}
    >
      <span class="muted">{heads ? "Head" : "At"}</span>
      {found.classes.map((kind, at) =>
        kind === PADDING ? null : (
          <Place
            key={at}
            places={places}
            at={at}
            word={words[at] ?? `#${at}`}
            kind={kind}
            name={found.names?.[at] ?? null}
            share={found.shares?.[at] ?? null}
            label={detail.label_places?.[at] ?? -1}
          />
        ),
      )}
    </section>
  );
}

/** The tokens that stand at the positions. */
function wordsOf({ inputs }: ExampleDetail, name: string | null): string[] {
  const view = inputs.find((input) => input.name === name)?.view;
  return view?.kind === "text" ? view.tokens.map(({ text, id }) => text || `id ${id}`) : [];
}

interface PlaceProps {
  places: PlacesInfo;
  at: number;
  word: string;
  /** The class predicted there. */
  kind: number;
  /** Its name, where the board has too many classes to list. */
  name: string | null;
  share: number | null;
  /** The label there; -1 for none. */
  label: number;
}

/** One place: its word, and what is predicted there. */
function Place({ places, at, word, kind, name, share, label }: PlaceProps) {
  const head = headAt(places, at);
  const nothing = places.what === "position" && kind === places.background;
  const wrong = label >= 0 && label !== kind && head.kind === "classes";
  const listed = head.kind === "regression" ? (head.unit ?? "number") : nameOf(head.names, kind);
  const said = name ?? listed;
  const sure = share === null ? "" : ` (${probability(share)})`;
  const truth = wrong ? `, label ${nameOf(head.names, label)}` : "";
  return (
    <button
      type="button"
      class={`place ${nothing ? "nothing" : ""}`}
      aria-pressed={place.value === at}
      title={`${places.what} ${at}: predicted ${said}${sure}${truth}`}
      onClick={() => choosePlace(at)}
    >
      <span dir="auto">{word}</span>
      <small class={wrong ? "wrong" : ""} dir="auto">
        {said}
        {wrong && <span class="place-label"> not {nameOf(head.names, label)}</span>}
      </small>
    </button>
  );
}

function nameOf(names: readonly string[], kind: number): string {
  return names[kind] ?? `class ${kind}`;
}
