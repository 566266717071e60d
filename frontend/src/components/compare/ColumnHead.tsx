import { type Cell, removeColumn } from "../../state/compare";
import { href, navigate } from "../../state/url";

/** A column's name, which opens it in Explain, and the way to remove it. */
export function ColumnHead({ cell }: { cell: Cell }) {
  const link = { ...cell.link, view: "explain" };
  return (
    <th scope="col">
      <div class="column-head">
        {cell.problem ? (
          <span dir="auto">{cell.title}</span>
        ) : (
          <a
            href={href(link)}
            dir="auto"
            title={`${cell.title}: open in Explain`}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              navigate(link);
            }}
          >
            {cell.title}
          </a>
        )}
        <button
          type="button"
          class="column-remove"
          aria-label={`Remove ${cell.title}`}
          onClick={() => removeColumn(cell.id)}
        >
          ×
        </button>
      </div>
      {cell.note && <span class="column-note">{cell.note}</span>}
    </th>
  );
}
