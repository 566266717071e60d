import { type Cell, removeColumn } from "../../state/compare";
import { href, navigate } from "../../state/url";

/** A cell's name, which opens it in Explain, and the way to remove its column or row. */
export function CellTitle({ cell, class: kind }: { cell: Cell; class?: string }) {
  const link = { ...cell.link, view: "explain" };
  return (
    <div class={kind ? `column-head ${kind}` : "column-head"}>
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
  );
}
