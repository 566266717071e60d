import { useId, useState } from "preact/hooks";
import { probability } from "../../lib/format";
import { headAt, startOf } from "../../lib/places";
import type { Board, ExampleDetail, Score } from "../../state/board";
import {
  chooseTarget,
  labelTargets,
  ownTarget,
  place,
  placesNow,
  predictedAll,
  scores,
  target,
} from "../../state/explain";
import { Button } from "../Button";
import { Chip } from "../Chip";
import { Popover } from "../method/Popover";
import { SearchClass } from "./SearchClass";

const TOP = 5;

/** Which output is explained: the likeliest classes as bars, any other by name, one rather than another. */
export function TargetBar({ board, detail }: { board: Board; detail: ExampleDetail }) {
  const { names, kind, start } = headOnScreen(board);
  if (kind === "regression" || scores.value.length < 2) return null;
  const labels = labelTargets.value;
  return (
    <section class="targets" aria-label="Explained output">
      <span class="muted">Why</span>
      {listed(scores.value, labels).map((score) => (
        <Target key={score.index} score={score} labels={labels} />
      ))}
      <ContrastTarget />
      {scores.value.length > 2 && names.length > 0 && <AnyContrast names={names} start={start} />}
      {scores.value.length > TOP && names.length > 0 && <AnyClass names={names} start={start} />}
      {scores.value.length > TOP && names.length === 0 && <SearchClass detail={detail} />}
    </section>
  );
}

/** The classes at the place on screen, and the index of the first of them. */
function headOnScreen({ output }: Board) {
  const places = placesNow.value;
  if (!places || place.value === null) return { names: output.names, kind: output.kind, start: 0 };
  const { names, kind } = headAt(places, place.value);
  return { names, kind, start: startOf(places, place.value) };
}

/** The likeliest, with the label and the chosen class wherever they rank. */
function listed(all: readonly Score[], labels: readonly number[]): Score[] {
  const chosen = chosenIndex();
  return all.filter(({ index }, rank) => rank < TOP || labels.includes(index) || index === chosen);
}

function chosenIndex(): number | null {
  if (target.value === null) return ownTarget.value;
  return typeof target.value === "number" ? target.value : null;
}

function Target({ score, labels }: { score: Score; labels: readonly number[] }) {
  const on = score.index === chosenIndex();
  const isPredicted =
    place.value === null
      ? predictedAll.value.includes(score.index)
      : scores.value[0]?.index === score.index;
  return (
    <button
      type="button"
      class="target"
      aria-pressed={on}
      title={`Explain ${score.name} (score ${score.score?.toPrecision(4) ?? "unknown"})`}
      onClick={() => chooseTarget(score.index === ownTarget.peek() ? null : String(score.index))}
    >
      <span class="target-text">
        <span dir="auto">{score.name}</span>
        {labels.includes(score.index) && !isPredicted && <span class="target-note">label</span>}
        <span class="num">{score.probability !== null && probability(score.probability)}</span>
      </span>
      <span class="target-bar">
        <i
          class="target-fill"
          style={{ width: `${100 * Math.max(0, Math.min(1, score.probability ?? 0))}%` }}
        />
      </span>
    </button>
  );
}

/** The two likeliest against each other, or the pair in the address. */
function ContrastTarget() {
  const asked = target.value;
  const on = typeof asked === "object" && asked !== null && "contrast" in asked;
  const [first, second] = on ? asked.contrast : scores.value.slice(0, 2).map(({ index }) => index);
  const nameOf = (index: number | undefined) =>
    scores.value.find((score) => score.index === index)?.name ?? `class ${index}`;
  return (
    <Chip
      on={on}
      title="Explain the difference of the two scores: what speaks for one rather than the other"
      onClick={() => chooseTarget(on ? null : `${first}~${second}`)}
    >
      <span>
        {nameOf(first)} rather than {nameOf(second)}
      </span>
    </Chip>
  );
}

interface Classes {
  names: readonly string[];
  /** The target that the first of them is. */
  start: number;
}

/** Any two classes against each other. */
function AnyContrast({ names, start }: Classes) {
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const [a, b] = [first, second].map((text) => names.indexOf(text.trim()));
  const ready = a !== undefined && b !== undefined && a >= 0 && b >= 0 && a !== b;
  return (
    <Popover title="One class rather than another" text="other pair">
      <p class="setting-help">
        Explains the difference of two scores: what speaks for one class rather than the other.
      </p>
      <ClassField label="Why" names={names} text={first} onChange={setFirst} />
      <ClassField label="rather than" names={names} text={second} onChange={setSecond} />
      <Button
        kind="primary"
        disabled={!ready}
        onClick={() => chooseTarget(`${start + (a ?? 0)}~${start + (b ?? 0)}`)}
      >
        Explain the difference
      </Button>
    </Popover>
  );
}

interface ClassFieldProps {
  label: string;
  names: readonly string[];
  text: string;
  onChange: (text: string) => void;
}

function ClassField({ label, names, text, onChange }: ClassFieldProps) {
  const list = useId();
  const known = text === "" || names.includes(text.trim());
  return (
    <label class="setting">
      <span class="setting-name">{label}</span>
      <input
        class="input"
        list={list}
        value={text}
        placeholder="a class"
        autocomplete="off"
        aria-invalid={!known}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}

function AnyClass({ names, start }: Classes) {
  const list = useId();
  const choose = (input: HTMLInputElement) => {
    const kind = names.indexOf(input.value.trim());
    if (kind < 0) return;
    const index = start + kind;
    input.value = "";
    chooseTarget(index === ownTarget.peek() ? null : String(index));
  };
  return (
    <>
      <input
        class="input any-class"
        list={list}
        aria-label="Explain any class, by name"
        placeholder="any class…"
        autocomplete="off"
        onInput={(event) => choose(event.currentTarget)}
      />
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
