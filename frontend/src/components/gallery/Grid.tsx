import { Component } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import {
  type GridLayout,
  gridLayout,
  scrollScale,
  scrollToRow,
  visibleRows,
} from "../../lib/virtual";
import type { Board, ExampleItem } from "../../state/board";
import { drawnInput, examples, filter, openExample, wantExamples } from "../../state/examples";
import {
  activePosition,
  isPlace,
  moved,
  rememberScroll,
  scrollOf,
  setActive,
} from "../../state/gallery";
import { changeTags, PINNED } from "../../state/marks";
import {
  anchorAt,
  clearSelection,
  selectAll,
  selected,
  selectTo,
  toggle,
} from "../../state/selection";
import { navigate } from "../../state/url";
import { Progress } from "../Progress";
import { Card } from "./Card";
import { Marks } from "./Marks";

const GAP = 12;
const PADDING = 16;
const EXTRA_ROWS = 2;
/** Rows whose examples are fetched before they come into sight. */
const AHEAD_ROWS = 20;
const VERDICT_HEIGHT = 50;
const TEXT_HEIGHT = 44;
/** As .card-drawing says. */
const DRAWING_HEIGHT = 100;

interface Viewport {
  width: number;
  height: number;
}

/** The examples as cards. Only the rows in sight are in the page, however long the list is. */
export function Grid({ board }: { board: Board }) {
  const { items, total, source, stale, loading } = examples.value;
  const scroller = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState<Viewport>({ width: 0, height: 0 });
  const [scrollTop, setScrollTop] = useState(0);
  const latest = useRef(0);
  const layout = gridLayout(viewport.width, rulesOf(board));
  const rows = Math.ceil(total / layout.columns);
  const full = rows * layout.rowStep + 2 * PADDING - GAP;
  const { height, scale } = scrollScale(full, viewport.height);
  const top = scrollTop * scale;
  const span = visibleRows(top - PADDING, viewport.height, layout.rowStep, rows, EXTRA_ROWS);
  const active = Math.min(activePosition.value, Math.max(0, total - 1));

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => setViewport({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || stale || viewport.height === 0) return;
    const back = isPlace(source);
    element.scrollTop = scrollOf(source);
    setScrollTop(element.scrollTop);
    // Coming back from an example, the keyboard goes on from where it left.
    if (back && document.activeElement === document.body)
      requestAnimationFrame(() => focusCard(element, activePosition.peek()));
  }, [source, stale, viewport.height === 0]);

  useEffect(() => {
    if (!stale && viewport.height > 0) wantExamples((span.end + AHEAD_ROWS) * layout.columns);
  }, [span.end, layout.columns, stale, viewport.height]);

  const show = (position: number) => {
    const element = scroller.current;
    if (!element) return;
    const row = Math.floor(position / layout.columns);
    const next = scrollToRow(row, top, viewport.height, layout.rowStep, 2 * PADDING - GAP);
    if (next !== top) element.scrollTop = next / scale;
    setScrollTop(element.scrollTop);
    setActive(position);
    requestAnimationFrame(() => focusCard(element, position));
  };

  // The list itself kept the focus, and the keys, until the card came.
  useEffect(() => {
    const element = scroller.current;
    if (element && document.activeElement === element) focusCard(element, activePosition.peek());
  }, [items.length]);

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(viewport.height / layout.rowStep)) * layout.columns;
    if (picked(event, items[active], active)) {
      event.preventDefault();
      return;
    }
    const next = destination(event.key, active, layout.columns, page, total);
    if (next === null || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.shiftKey) {
      anchorAt(active);
      selectTo(next);
    }
    show(next);
  };

  const needed = Math.min(total, span.end * layout.columns);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys bubble up from the cards.
    <div
      ref={scroller}
      class="grid-scroll"
      tabIndex={-1}
      data-stale={stale}
      onKeyDown={onKeyDown}
      onScroll={(event) => {
        const next = event.currentTarget.scrollTop;
        if (!stale) rememberScroll(source, next);
        moved(next - latest.current);
        latest.current = next;
        // The same rows at the same places need no new drawing.
        const rowOf = (y: number) => Math.floor((y - PADDING) / layout.rowStep);
        if (scale !== 1 || rowOf(next) !== rowOf(scrollTop)) setScrollTop(next);
      }}
    >
      <ul class="grid" aria-label="Examples" aria-busy={stale} style={{ height: `${height}px` }}>
        {positions(span.first, span.end, active, layout.columns, total).map((position) => (
          <li
            key={position}
            class="cell"
            aria-posinset={position + 1}
            aria-setsize={total}
            style={place(position, layout, top - scrollTop)}
          >
            <Cell
              board={board}
              item={items[position]}
              position={position}
              total={total}
              width={layout.width}
              active={position === active}
            />
          </li>
        ))}
      </ul>
      {loading && !stale && needed > items.length && (
        <div class="list-note">
          <Progress label="Reading the list" done={items.length} total={needed} />
        </div>
      )}
    </div>
  );
}

interface CellProps {
  board: Board;
  item: ExampleItem | undefined;
  position: number;
  total: number;
  width: number;
  active: boolean;
}

/** Drawn anew only where something of it changed, not with each row that is scrolled into sight. */
class Cell extends Component<CellProps> {
  override shouldComponentUpdate(next: CellProps): boolean {
    const before = this.props;
    return (Object.keys(next) as (keyof CellProps)[]).some((name) => next[name] !== before[name]);
  }

  override render() {
    return <CellContent {...this.props} />;
  }
}

function CellContent({ item, ...rest }: CellProps) {
  if (!item) return <div class="card waiting" />;
  return (
    <>
      <Card
        {...rest}
        item={item}
        search={filter.value.text}
        selected={selected.value.has(item.index)}
        onFocus={() => setActive(rest.position)}
        onSelectTo={() => {
          setActive(rest.position);
          selectTo(rest.position);
        }}
        onOpen={() => {
          setActive(rest.position);
          openExample(item.index);
        }}
      />
      <Marks item={item} position={rest.position} />
    </>
  );
}

/** Keys that select and mark the active card. Whether this was one. */
function picked(event: KeyboardEvent, item: ExampleItem | undefined, position: number): boolean {
  const { key, ctrlKey, metaKey, altKey } = event;
  if (key === "a" && (ctrlKey || metaKey)) void selectAll();
  else if (ctrlKey || metaKey || altKey) return false;
  else if (key === "Escape" && selected.peek().size > 0) clearSelection();
  else if (!item) return false;
  else if (key === " ") toggle(item.index, position);
  else if (key === "n") navigate({ near: item.index });
  else if (key === "p") void pin(item);
  else if (key === "t") {
    if (!selected.peek().has(item.index)) toggle(item.index, position);
    requestAnimationFrame(() => document.getElementById("tag-field")?.focus());
  } else return false;
  return true;
}

async function pin({ index, tags }: ExampleItem): Promise<void> {
  const pinned = tags.includes(PINNED);
  await changeTags([index], pinned ? [] : [PINNED], pinned ? [PINNED] : []);
}

function rulesOf(board: Board) {
  const drawn = drawnInput(board);
  const pictures = drawn?.picture ?? false;
  const texts = board.inputs.filter((input) => input.modality === "text").length;
  const text = texts * (pictures ? TEXT_HEIGHT : 2 * TEXT_HEIGHT);
  return {
    minColumn: pictures ? 160 : 240,
    gap: GAP,
    padding: PADDING,
    height: (width: number) =>
      (pictures ? width : drawn ? DRAWING_HEIGHT : 8) + text + VERDICT_HEIGHT,
  };
}

/** The positions to draw: the rows in sight, and the active card wherever it is, so that it keeps the focus. */
function positions(first: number, end: number, active: number, columns: number, total: number) {
  const from = first * columns;
  const to = Math.min(end * columns, total);
  const shown = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  return active < total && (active < from || active >= to) ? [...shown, active] : shown;
}

function place(position: number, { columns, width, height, rowStep }: GridLayout, shift: number) {
  const x = PADDING + (position % columns) * (width + GAP);
  const y = PADDING + Math.floor(position / columns) * rowStep - shift;
  return { width: `${width}px`, height: `${height}px`, transform: `translate(${x}px, ${y}px)` };
}

/** Where a key leads, or null where it leads nowhere. */
function destination(key: string, at: number, columns: number, page: number, total: number) {
  const steps: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - columns,
    ArrowDown: at + columns,
    PageUp: at - page,
    PageDown: at + page,
    Home: 0,
    End: total - 1,
  };
  const next = steps[key];
  if (next === undefined) return null;
  const clamped = Math.max(0, Math.min(total - 1, next));
  return clamped;
}

/** The card, or the list while the card is on its way. */
function focusCard(scroller: HTMLElement, position: number): void {
  const card = scroller.querySelector<HTMLElement>(`[data-position="${position}"]`);
  (card ?? scroller).focus({ preventScroll: true });
}
