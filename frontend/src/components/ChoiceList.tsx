export interface Choice {
  id: string;
  title: string;
  note?: string | undefined;
  help?: string;
  /** Why it cannot be chosen. */
  reason?: string | null;
}

interface ChoiceListProps {
  choices: readonly Choice[];
  chosen: readonly string[];
  onAdd: (id: string) => void;
  onRemove: (id: string) => void;
}

/** Everything that can be chosen; a choice stays where it is when it is taken, and so does the focus. */
export function ChoiceList({ choices, chosen, onAdd, onRemove }: ChoiceListProps) {
  return (
    <ul class="add-column">
      {choices.map((choice) => (
        <li key={choice.id}>
          {choice.reason ? (
            <span class="muted">
              {choice.title}: {choice.reason}
            </span>
          ) : (
            <Toggle
              choice={choice}
              on={chosen.includes(choice.id)}
              onAdd={onAdd}
              onRemove={onRemove}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

interface ToggleProps extends Pick<ChoiceListProps, "onAdd" | "onRemove"> {
  choice: Choice;
  on: boolean;
}

function Toggle({ choice, on, onAdd, onRemove }: ToggleProps) {
  return (
    <button
      type="button"
      class="column-choice"
      aria-pressed={on}
      title={choice.help}
      onClick={() => (on ? onRemove(choice.id) : onAdd(choice.id))}
    >
      <bdi>{choice.title}</bdi>
      {choice.note && <span class="muted num"> {choice.note}</span>}
    </button>
  );
}
