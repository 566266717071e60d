import type { Board } from "../../state/board";
import { examples, facets, filter } from "../../state/examples";
import { navigate } from "../../state/url";
import { TextInput } from "../Field";

/** A condition in words over the catalog's columns. */
export function WhereField({ board }: { board: Board }) {
  const error = [facets.value.error, examples.value.error].find((e) => e?.field === "where");
  const { columns } = board.catalog;
  return (
    <section class="facet-group" aria-label="Where">
      <h3>
        <label for="where">Where</label>
      </h3>
      <TextInput
        id="where"
        value={filter.value.where}
        placeholder="correct = false and score > 0.9"
        invalid={error !== undefined}
        wait={800}
        onChange={(where) => navigate({ where: where.trim() })}
      />
      {error && (
        <p class="field-error" role="alert">
          {error.detail ?? error.title}
        </p>
      )}
      {columns.length > 0 && (
        <details class="columns">
          <summary>Columns</summary>
          <p class="muted">
            Compare with = != &lt; &lt;= &gt; &gt;= or contains; join with and, or, not.
          </p>
          <dl>
            {columns.map((column) => (
              <div key={column.name}>
                <dt>{column.name}</dt>
                <dd class="muted">{column.type}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </section>
  );
}
