import type { ComponentChildren } from "preact";
import { integer } from "../../lib/format";
import { plainName } from "../../lib/parameters";
import { seconds } from "../../lib/scale";
import type { Board } from "../../state/board";
import type { ResultMeta } from "../../state/results";

/** Everything that is needed to make the same result again. */
export function MadeBy({ board, meta }: { board: Board; meta: ResultMeta }) {
  const method = board.methods.find(({ id }) => id === meta.method.id);
  const model = board.models.find(({ name }) => name === meta.model);
  return (
    <section class="side-section" aria-label="Made by">
      <h2>Made by</h2>
      <dl class="facts">
        <Fact name="Method">{method?.title ?? meta.method.id}</Fact>
        {Object.entries(meta.method.params).map(([name, value]) => (
          <Fact key={name} name={plainName(name)}>
            {valueText(value)}
          </Fact>
        ))}
        {meta.layer !== null && <Fact name="Layer">{meta.layer}</Fact>}
        <Fact name="Target">{meta.target?.name ?? "the output"}</Fact>
        {Object.entries(meta.baseline ?? {}).map(([input, choice]) => (
          <Fact key={input} name={`Baseline of ${input}`}>
            {typeof choice === "string"
              ? titleOf(board, input, "baselines", choice)
              : `example ${choice.example}`}
          </Fact>
        ))}
        {Object.entries(meta.features ?? {}).map(([input, kind]) => (
          <Fact key={input} name={`Features of ${input}`}>
            {titleOf(board, input, "features", kind)}
          </Fact>
        ))}
        <Fact name="Seed">{meta.seed}</Fact>
        <Fact name="Passes">{integer(meta.passes)}</Fact>
        <Fact name="Time">{seconds(meta.seconds)}</Fact>
        <Fact name="Model">
          {meta.model}
          {model && <span title={model.fingerprint}> · {model.fingerprint.slice(0, 8)}</span>}
        </Fact>
        <Fact name="Engine">{meta.engine}</Fact>
        <Fact name="Result">
          <span title={meta.key}>{meta.key.slice(0, 8)}</span>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class="num">{children}</dd>
    </>
  );
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return "auto";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "object" && "id" in value) return String(value.id);
  if (Array.isArray(value)) return value.map(shapeText).join(", ");
  return typeof value === "string" ? plainName(value) : JSON.stringify(value);
}

/** One of several windows: [3, 8, 8] reads 3 × 8 × 8. */
function shapeText(value: unknown): string {
  return Array.isArray(value) ? value.join(" × ") : String(value);
}

function titleOf(board: Board, input: string, kind: "baselines" | "features", id: string): string {
  const choices = board.inputs.find(({ name }) => name === input)?.[kind];
  return choices?.find((choice) => choice.id === id)?.title ?? id;
}
