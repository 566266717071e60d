import { useState } from "preact/hooks";
import { layers, type MethodInfo } from "../../state/board";
import { chooseLayer, draft, problems } from "../../state/draft";
import { layerOf } from "../../state/settings";
import { Popover } from "./Popover";

/** A list longer than this has a search of its own. */
const SHORT = 8;
const LONG = 200;

/** Which layer is explained, for a method that explains layers or was sent to one. */
export function LayerChooser({ method }: { method: MethodInfo }) {
  const chosen = layerOf(method, draft.value.layer, layers.value);
  return (
    <Popover
      title="Layer"
      firm
      invalid={problems.value.layer !== undefined}
      text={
        <>
          <span class="setting-name">layer</span>
          <span class="ellipsis">{chosen ?? "the inputs"}</span>
        </>
      }
    >
      <LayerList method={method} />
    </Popover>
  );
}

/** The model's layers in the order they run. Choosing one shows it at once. */
export function LayerList({ method }: { method: MethodInfo }) {
  const [search, setSearch] = useState("");
  const chosen = layerOf(method, draft.value.layer, layers.value);
  const word = search.trim().toLowerCase();
  const found = layers.value.filter(({ name, type }) =>
    `${name} ${type}`.toLowerCase().includes(word),
  );
  return (
    <section class="layers" aria-label="Where attributions live">
      {layers.value.length > SHORT && (
        <input
          class="input"
          type="search"
          placeholder={`Find one of ${layers.value.length} layers`}
          aria-label="Find a layer"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <ul>
        {!method.needs_layer && word === "" && (
          <LayerButton name="the inputs" note="" on={chosen === null} choice="" />
        )}
        {found.slice(0, LONG).map(({ name, type, shape }) => (
          <LayerButton
            key={name}
            name={name}
            note={`${type} ${shape.join(" × ")}`}
            on={name === chosen}
            choice={name}
          />
        ))}
      </ul>
      {found.length === 0 && <p class="setting-help">No layer has this in its name or type.</p>}
      {found.length > LONG && (
        <p class="setting-help">The first {LONG} are listed; search for others.</p>
      )}
    </section>
  );
}

interface LayerButtonProps {
  name: string;
  note: string;
  on: boolean;
  choice: string;
}

function LayerButton({ name, note, on, choice }: LayerButtonProps) {
  return (
    <li>
      <button type="button" class="layer" aria-pressed={on} onClick={() => chooseLayer(choice)}>
        <bdi>{name}</bdi>
        <span class="muted num">{note}</span>
      </button>
    </li>
  );
}
