import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../../app/keys.ts';
import { Section } from '../../parts/section.tsx';
import { isEnded } from '../../status-words.ts';
import { LogControls } from './log-controls.ts';
import { LogRow } from './log-row.tsx';
import { LogEnd } from './log-end.tsx';
import { LogToolbar } from './log-toolbar.tsx';
import { parseLineHash, type OutputRow } from './output-rows.ts';
import { useStayAt } from './stay-at.ts';
import type { TaskData } from '../task-data.ts';

const ROW_PX = 20;
/** Above this height browsers place nothing any more (Firefox 17.9 million pixels, Chromium 33.5). */
const MOST_PX = 15_000_000;
const SPARE_ROWS = 12;
/** Letters of the output's font, whose width tells how many fit into a row. */
const RULER = '0'.repeat(20);
/** Space at the right end of a row, as the style has it. */
const SPARE_PX = 16;
/** A scroll that ends this close to the bottom is at the bottom. */
const BOTTOM_PX = 2 * ROW_PX;

/** The output of a task: both streams in order, by steps, as long as it may be. */
export function LogView({ data }: { readonly data: TaskData }): JSX.Element {
  const log = useMemo(() => new LogControls(data), [data]);
  const body = useRef<HTMLDivElement>(null);
  const view = useSignal({ top: 0, height: 480 });
  const rows = log.rows.value;
  const height = Math.min(MOST_PX, rows.count * ROW_PX);
  // Where rows are more than pixels, a pixel of the scroll bar is more than a pixel of rows.
  const scale = height === 0 ? 1 : (rows.count * ROW_PX) / height;
  const first = Math.max(0, Math.floor((view.value.top * scale) / ROW_PX) - SPARE_ROWS);
  const last = Math.min(rows.count, first + Math.ceil(view.value.height / ROW_PX) + 2 * SPARE_ROWS);

  const lastTop = useRef(0);
  const topLine = useRef(0);
  const ruler = useRef<HTMLElement>(null);
  const scrolled = (): void => {
    const box = body.current;
    if (!box) return;
    if (box.scrollTop < lastTop.current - 1 && box.scrollTop + box.clientHeight < box.scrollHeight - BOTTOM_PX) {
      log.isFollowing.value = false;
    }
    lastTop.current = box.scrollTop;
    const top = rows.rowAt(Math.round((box.scrollTop * scale) / ROW_PX));
    if (top?.kind === 'line') topLine.current = top.line;
    view.value = { top: box.scrollTop, height: box.clientHeight };
  };
  useEffect(() => {
    const box = body.current;
    const letters = ruler.current;
    if (!box || !letters) return undefined;
    const measure = (): void => {
      const { width, left } = letters.getBoundingClientRect();
      const letterPx = width / RULER.length;
      const leftPx = left - box.getBoundingClientRect().left + box.scrollLeft;
      if (letterPx > 0) log.columns.value = Math.max(20, Math.floor((box.clientWidth - leftPx - SPARE_PX) / letterPx));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, [log]);
  useLayoutEffect(() => {
    if (log.isFollowing.value || !body.current) return;
    body.current.scrollTop = (log.rows.value.rowOf(topLine.current) * ROW_PX) / scale;
    scrolled();
  }, [log.isWrapped.value, log.columns.value]);
  useLayoutEffect(() => {
    if (!log.isFollowing.value || !body.current) return;
    body.current.scrollTop = body.current.scrollHeight;
    lastTop.current = body.current.scrollTop;
    scrolled();
  }, [rows, log.isFollowing.value]);
  const target = log.target.value;
  const isTargetThere = target !== null && target.from < log.lines.value;
  const goToTarget = (): void => {
    if (!isTargetThere || !body.current) return;
    const row = log.rows.value.rowOf(target.from);
    body.current.scrollTop = (row * ROW_PX) / scale - body.current.clientHeight / 3;
    lastTop.current = body.current.scrollTop;
    scrolled();
    if (target.isJump) document.getElementById('output')?.scrollIntoView({ block: 'nearest' });
  };
  useStayAt(goToTarget, target, [isTargetThere, rows]);
  useEffect(() => {
    const read = (): void => {
      const lines = parseLineHash(location.hash);
      if (lines) log.show(lines, 'jump');
    };
    read();
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, [log]);
  useKeys(useMemo(() => logKeys(log), [log]));

  const shown: JSX.Element[] = [];
  for (let index = first; index < last; index += 1) {
    const row = rows.rowAt(index);
    if (row) shown.push(<LogRow key={keyOf(row)} row={row} log={log} data={data} />);
  }
  const isLive = data.task.value !== null && !isEnded(data.task.value);
  return (
    <Section id="output" title="Output">
      <div class="out card">
        <LogToolbar log={log} data={data} />
        <div
          ref={body}
          class="out-body"
          tabIndex={0}
          role={isLive ? 'log' : 'region'}
          aria-live="off"
          aria-label="Output"
          onScroll={scrolled}
        >
          {rows.count === 0 && <p class="none">{isLive ? 'Nothing was written yet.' : 'Nothing was written.'}</p>}
          <div class="ln ruler" aria-hidden="true">
            <span />
            <span>
              <i ref={ruler}>{RULER}</i>
            </span>
          </div>
          <div class="out-rows" style={{ height: `${height}px` }}>
            <div
              style={{
                transform: `translateY(${Math.min(height - (last - first) * ROW_PX, first === 0 ? 0 : view.value.top - ((view.value.top * scale) / ROW_PX - first) * ROW_PX)}px)`,
              }}
            >
              {shown}
            </div>
          </div>
        </div>
        <LogEnd log={log} data={data} isLive={isLive} />
      </div>
    </Section>
  );
}

function keyOf(row: OutputRow): string | number {
  if (row.kind === 'head') return row.section.key;
  return row.part === undefined ? row.line : `${row.line}:${row.part.from}`;
}

function logKeys(log: LogControls): Parameters<typeof useKeys>[0] {
  return {
    '/': { label: 'search the output', run: () => document.getElementById('output-search')?.focus() },
    w: { label: 'wrap long lines', run: () => void (log.isWrapped.value = !log.isWrapped.value) },
    f: { label: 'follow the output', run: () => void (log.isFollowing.value = !log.isFollowing.value) },
    n: { label: 'next match', run: () => log.goToMatch(1) },
    N: { label: 'previous match', run: () => log.goToMatch(-1) },
    ']': { label: 'next step', run: () => log.goToSection(1) },
    '[': { label: 'previous step', run: () => log.goToSection(-1) },
    y: {
      label: 'copy the link to the line',
      run: () => void navigator.clipboard.writeText(location.href).catch(() => undefined),
    },
  };
}
