/** Which part of a long grid is on screen. Sizes in CSS pixels. */

export interface GridRules {
  /** The narrowest a column may be. */
  minColumn: number;
  gap: number;
  padding: number;
  /** A cell's height, given its width. */
  height: (width: number) => number;
}

export interface GridLayout {
  columns: number;
  /** Of one cell. */
  width: number;
  height: number;
  /** From one row to the next. */
  rowStep: number;
}

/** As many columns as fit, at least one. */
export function gridLayout(available: number, rules: GridRules): GridLayout {
  const { minColumn, gap, padding } = rules;
  const inner = Math.max(minColumn, available - 2 * padding);
  const columns = Math.max(1, Math.floor((inner + gap) / (minColumn + gap)));
  const width = Math.floor((inner - gap * (columns - 1)) / columns);
  const height = Math.ceil(rules.height(width));
  return { columns, width, height, rowStep: height + gap };
}

export interface Span {
  first: number;
  /** One past the last. */
  end: number;
}

/** The rows that a viewport shows, and `extra` above and below. */
export function visibleRows(
  scrollTop: number,
  viewport: number,
  rowStep: number,
  rows: number,
  extra: number,
): Span {
  const first = Math.floor(scrollTop / rowStep) - extra;
  const end = Math.ceil((scrollTop + viewport) / rowStep) + extra;
  return { first: Math.max(0, Math.min(first, rows)), end: Math.max(0, Math.min(end, rows)) };
}

/**
 * A browser's tallest element is some 17 to 33 million pixels; a longer list scrolls in scale.
 * Returns the height to lay out, and list pixels per scrolled pixel.
 */
export function scrollScale(height: number, viewport: number, tallest = 15_000_000) {
  if (height <= tallest) return { height, scale: 1 };
  return { height: tallest, scale: (height - viewport) / (tallest - viewport) };
}

/** The scroll position that shows a row, moving as little as needed. */
export function scrollToRow(
  row: number,
  scrollTop: number,
  viewport: number,
  rowStep: number,
  padding: number,
): number {
  const top = row * rowStep;
  const bottom = top + rowStep + padding;
  if (top < scrollTop) return top;
  if (bottom > scrollTop + viewport) return bottom - viewport;
  return scrollTop;
}
