/** Rows above and below the screen that are drawn as well, so that a scroll does not show a hole. */
const SPARE_ROWS = 8;

export interface RowRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * Which rows of a list can be seen. `top` is where the list begins, in pixels below the top of the view; negative once it
 * was scrolled past.
 */
export function visibleRows(top: number, viewHeight: number, rowHeight: number, count: number): RowRange {
  const from = Math.min(count, Math.max(0, Math.floor(-top / rowHeight) - SPARE_ROWS));
  const to = Math.max(from, Math.min(count, Math.ceil((viewHeight - top) / rowHeight) + SPARE_ROWS));
  return { from, to };
}
