import type { ComponentChildren } from "preact";
import { probability } from "../../lib/format";
import { type HeadInfo, type Span, spanAt, spansOf } from "../../lib/places";
import type { ExampleDetail } from "../../state/board";
import { choosePlace, place, placesNow, predictionOf } from "../../state/explain";

/** Beyond this many, positions keep to a box of their own that scrolls. */
const MANY = 120;
/** In place of a class, where a position is padding. */
const PADDING = -1;

type Found = NonNullable<NonNullable<ReturnType<typeof predictionOf>>["places"]>;

/** At which position, or of which head, the answer is explained. */
export function PlacePicker({ detail }: { detail: ExampleDetail }) {
  const places = placesNow.value;
  const found = predictionOf()?.places;
  if (!places || !found?.classes) return null;
  const on = spanAt(places, place.value ?? found.place);
  return (
    <>
      {places.what === "head" && (
        <section class="places heads" aria-label="Explained head">
          <span class="muted">Head</span>
          {spansOf(places).map((span) => (
            <Head key={span.index} {...{ span, found, detail }} on={span.index === on.index} />
          ))}
        </section>
      )}
      {on.what === "position" && <Positions {...{ detail, found }} span={on} />}
    </>
  );
}

interface PartProps {
  span: Span;
  found: Found;
  detail: ExampleDetail;
}

/** One of several heads; of many places it is explained at the surest of them. */
function Head({ span, found, detail, on }: PartProps & { on: boolean }) {
  const { head, what, first } = span;
  if (what === null) return <Place {...{ span, found, detail }} at={first} word={head.name} />;
  return (
    <Chosen
      on={on}
      title={`${head.name}: a class at each ${what}`}
      word={head.name}
      onClick={() => !on && choosePlace(surest(span, found))}
    >
      each {what}
    </Chosen>
  );
}

/** The place of a head that is surest of a class that says anything. */
function surest({ first, count, background }: Span, { classes, shares }: Found): number {
  let best = first;
  let most = -1;
  for (let at = first; at < first + count; at++) {
    const share = shares[at] ?? -1;
    const value = classes[at] === background ? share - 1 : share;
    if (classes[at] !== PADDING && value > most) [best, most] = [at, value];
  }
  return best;
}

/** The positions of a text, with what is predicted at each. */
function Positions({ span, found, detail }: PartProps) {
  const words = wordsOf(detail, span.of);
  return (
    <section class={`places ${span.count > MANY ? "many" : ""}`} aria-label="Explained position">
      <span class="muted">At</span>
      {found.classes
        .slice(span.first, span.first + span.count)
        .map((kind, i) =>
          kind === PADDING ? null : (
            <Place
              key={i}
              {...{ span, found, detail }}
              at={span.first + i}
              word={words[i] ?? `#${i}`}
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

/** One place: its word, and what is predicted there. */
function Place({ span, found, detail, at, word }: PartProps & { at: number; word: string }) {
  const { head, what, background } = span;
  const kind = found.classes[at] ?? 0;
  const label = detail.label_places?.[at] ?? -1;
  const wrong = label >= 0 && label !== kind && head.kind === "classes";
  const listed = head.kind === "regression" ? (head.unit ?? "number") : nameOf(head, kind);
  const said = found.names?.[at] ?? listed;
  const share = found.shares[at] ?? null;
  const sure = share === null ? "" : ` (${probability(share)})`;
  const truth = wrong ? `, label ${nameOf(head, label)}` : "";
  const where = what === null ? `head ${span.index}` : `${what} ${at - span.first}`;
  return (
    <Chosen
      on={place.value === at}
      nothing={what === "position" && kind === background}
      title={`${where}: predicted ${said}${sure}${truth}`}
      word={word}
      wrong={wrong}
      onClick={() => choosePlace(at)}
    >
      {said}
      {wrong && <span class="place-label"> not {nameOf(head, label)}</span>}
    </Chosen>
  );
}

interface ChosenProps {
  on: boolean;
  title: string;
  word: string;
  /** Nothing is said there. */
  nothing?: boolean;
  wrong?: boolean;
  onClick: () => void;
  children: ComponentChildren;
}

function Chosen({ on, title, word, nothing, wrong, onClick, children }: ChosenProps) {
  return (
    <button
      type="button"
      class={`place ${nothing ? "nothing" : ""}`}
      aria-pressed={on}
      title={title}
      onClick={onClick}
    >
      <span dir="auto">{word}</span>
      <small class={wrong ? "wrong" : ""} dir="auto">
        {children}
      </small>
    </button>
  );
}

function nameOf({ names }: HeadInfo, kind: number): string {
  return names[kind] ?? `class ${kind}`;
}
