import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { visibleRows, type RowRange } from './visible-rows.ts';

interface VirtualListProps {
  readonly label: string;
  readonly count: number;
  readonly renderRow: (index: number) => ComponentChildren;
}

/** A list that scrolls with the page and draws only the rows on the screen. All rows have the height `--row-h`. */
export function VirtualList({ label, count, renderRow }: VirtualListProps): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  const { range, rowHeight } = useVisibleRows(list, count);
  const rows: ComponentChildren[] = [];
  for (let index = range.from; index < Math.min(range.to, count); index += 1) rows.push(renderRow(index));
  return (
    <ol
      ref={list}
      class="rows"
      aria-label={label}
      style={{ height: `${count * rowHeight}px`, paddingTop: `${range.from * rowHeight}px` }}
    >
      {rows}
    </ol>
  );
}

function useVisibleRows(list: RefObject<HTMLElement | null>, count: number): { range: RowRange; rowHeight: number } {
  const [seen, setSeen] = useState({ range: { from: 0, to: 0 }, rowHeight: 0 });
  const look = (): void => {
    if (!list.current) return;
    const rowHeight = Number.parseFloat(getComputedStyle(list.current).getPropertyValue('--row-h'));
    const range = visibleRows(list.current.getBoundingClientRect().top, innerHeight, rowHeight, count);
    setSeen((before) =>
      before.rowHeight === rowHeight && before.range.from === range.from && before.range.to === range.to
        ? before
        : { range, rowHeight },
    );
  };
  useLayoutEffect(look, [count]);
  useEffect(() => {
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look, { passive: true });
    // What stands above the list can change its height.
    const observer = new ResizeObserver(look);
    observer.observe(document.body);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
      observer.disconnect();
    };
  }, [count]);
  return seen;
}
