import type { ExampleDetail } from "../../state/board";

/** The model's further arguments, which are passed as they are and never explained. */
export function Extras({ detail }: { detail: ExampleDetail }) {
  if (!detail.extras?.length) return null;
  return (
    <section class="extras" aria-label="Passed, not explained">
      <span class="muted">Passed, not explained</span>
      {detail.extras.map(({ name, shape, type, text }) => (
        <span key={name} title={`${type}${shape.length ? `, ${shape.join(" × ")}` : ""}`}>
          {name} <b class="num">{text}</b>
        </span>
      ))}
    </section>
  );
}
