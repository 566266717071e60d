/** Keys that work everywhere. Keys typed into a field, or with Ctrl, Alt or Meta held, are left alone. */

export type Bindings = Readonly<Record<string, () => void>>;

/** Binds keys such as "?" or "g e" (one after the other). Returns what unbinds them. */
export function bindKeys(bindings: Bindings): () => void {
  let before = "";
  const handle = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (isTyping(event.target)) return;
    const act = bindings[`${before} ${event.key}`] ?? bindings[event.key];
    before = event.key;
    if (!act) return;
    event.preventDefault();
    before = "";
    act();
  };
  addEventListener("keydown", handle);
  return () => removeEventListener("keydown", handle);
}

/** Whether keys go into this element as text, or a dialog is open over the page. */
function isTyping(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof HTMLElement && target.matches("input, select, textarea");
}
