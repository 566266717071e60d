import { type Board, layers, type MethodInfo } from "../../state/board";
import { chooseMethod, draft } from "../../state/draft";
import { reasonAgainst } from "../../state/settings";

const FAMILIES: Readonly<Record<string, string>> = {
  gradient: "Gradients",
  perturbation: "Perturbation",
  rules: "Changed backward pass",
  layer: "Layers",
  attention: "Attention",
  combined: "Combined",
};

/** The methods by family; those that cannot run here are listed with the reason. */
export function MethodSelect({ board }: { board: Board }) {
  const chosen = draft.value.method;
  const known = board.methods.find((method) => method.id === chosen);
  return (
    <select
      class="input select method-select"
      aria-label="Method"
      title={known?.summary}
      value={chosen}
      onChange={(event) => chooseMethod(event.currentTarget.value)}
    >
      {!known && <option value={chosen}>{chosen} (not on this board)</option>}
      {byFamily(board.methods).map(([family, methods]) => (
        <optgroup key={family} label={FAMILIES[family] ?? family}>
          {methods.map((method) => (
            <MethodOption key={method.id} method={method} />
          ))}
        </optgroup>
      ))}
    </select>
  );
}

function MethodOption({ method }: { method: MethodInfo }) {
  const { id, title, summary } = method;
  const reason = reasonAgainst(method, layers.value);
  return (
    <option value={id} disabled={reason !== null} title={reason ?? summary}>
      {reason === null ? title : `${title}: ${reason}`}
    </option>
  );
}

function byFamily(methods: readonly MethodInfo[]): [string, MethodInfo[]][] {
  const families = new Map<string, MethodInfo[]>();
  for (const method of methods) {
    families.set(method.family, [...(families.get(method.family) ?? []), method]);
  }
  return [...families];
}
