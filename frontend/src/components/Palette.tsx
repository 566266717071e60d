import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Command, commands, matching, type ViewTitle } from "../state/commands";

interface PaletteProps {
  views: readonly ViewTitle[];
  onClose: () => void;
}

/** One field that leads everywhere: type, choose with the arrows, Enter. */
export function Palette({ views, onClose }: PaletteProps) {
  const element = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(() => matching(commands(views, text), text), [views, text]);
  const chosen = Math.min(at, found.length - 1);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  useEffect(() => {
    document.getElementById(`command-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const run = (command: Command | undefined) => {
    if (!command || command.disabled) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const count = Math.max(1, found.length);
      const wraps = Math.abs(step) === 1;
      setAt(
        wraps ? (chosen + step + count) % count : Math.max(0, Math.min(count - 1, chosen + step)),
      );
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[chosen]);
    }
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it already; the click is the backdrop's.
    <dialog
      ref={element}
      class="dialog palette"
      aria-label="Search or run"
      onClose={onClose}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <input
        class="palette-field"
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="commands"
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `command-${chosen}` : undefined}
        aria-label="Search or run"
        placeholder="A view, method, filter or saved view, or an example's index"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div class="palette-list" id="commands" role="listbox" aria-label="Commands">
        {found.map((command, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys go to the field above.
          <div
            key={command.id}
            id={`command-${place}`}
            role="option"
            tabIndex={-1}
            aria-selected={place === chosen}
            aria-disabled={command.disabled}
            onMouseMove={() => setAt(place)}
            onClick={() => run(command)}
          >
            <span class="muted">{command.group}</span>
            <span>
              {command.title}
              {command.hint && <small class="muted"> {command.hint}</small>}
            </span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="muted palette-none">Nothing is called so.</p>}
    </dialog>
  );
}
