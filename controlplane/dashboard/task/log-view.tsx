import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../app/keys.ts';
import { plural, showBytes, showCount, showInstant } from '../format.ts';
import { SearchIcon, StatusIcon } from '../parts/icons.tsx';
import { Section } from '../parts/section.tsx';
import { connection, now } from '../server/connection.ts';
import { isEnded } from '../status-words.ts';
import { LogControls } from './log-controls.ts';
import { LogRow } from './log-row.tsx';
import { parseLineHash, rawParts } from './output-rows.ts';
import type { TaskData } from './task-data.ts';

const ROW_PX = 20;
/** Above this height browsers place nothing any more (Firefox 17.9 million pixels, Chromium 33.5). */
const MOST_PX = 15_000_000;
const SPARE_ROWS = 12;
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
  const scrolled = (): void => {
    const box = body.current;
    if (!box) return;
    if (box.scrollTop < lastTop.current - 1 && box.scrollTop + box.clientHeight < box.scrollHeight - BOTTOM_PX) {
      log.isFollowing.value = false;
    }
    lastTop.current = box.scrollTop;
    view.value = { top: box.scrollTop, height: box.clientHeight };
  };
  useLayoutEffect(() => {
    if (!log.isFollowing.value || !body.current) return;
    body.current.scrollTop = body.current.scrollHeight;
    lastTop.current = body.current.scrollTop;
    scrolled();
  }, [rows, log.isFollowing.value]);
  const target = log.target.value;
  const isTargetThere = target !== null && target.from < data.output.count;
  useLayoutEffect(() => {
    if (!isTargetThere || !body.current) return;
    const row = log.rows.value.rowOf(target.from);
    body.current.scrollTop = (row * ROW_PX) / scale - body.current.clientHeight / 3;
    lastTop.current = body.current.scrollTop;
    scrolled();
    if (target.isJump) document.getElementById('output')?.scrollIntoView({ block: 'nearest' });
  }, [target, isTargetThere]);
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
    if (row)
      shown.push(<LogRow key={row.kind === 'head' ? row.section.key : row.line} row={row} log={log} data={data} />);
  }
  const isLive = data.task.value !== null && !isEnded(data.task.value);
  return (
    <Section id="output" title="Output">
      <div class="out card">
        <Toolbar log={log} data={data} />
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

function Toolbar({ log, data }: { readonly log: LogControls; readonly data: TaskData }): JSX.Element {
  const { matches, wanted, current, isSearching } = log;
  void data.outputVersion.value; // the store itself is no signal
  const toggle = (word: string, signal: typeof log.hasTimes): JSX.Element => (
    <button
      type="button"
      class="btn bare"
      aria-pressed={signal.value}
      onClick={() => void (signal.value = !signal.value)}
    >
      {word}
    </button>
  );
  return (
    <div class="out-bar" role="toolbar" aria-label="Output">
      <label class="field">
        <SearchIcon />
        <span class="sr">Search the output</span>
        <input
          id="output-search"
          type="search"
          placeholder="Search the output"
          value={wanted.value}
          onInput={(event) => log.search(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') log.goToMatch(event.shiftKey ? -1 : 1);
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
        <kbd>/</kbd>
      </label>
      {wanted.value !== '' && (
        <span class="muted nowrap" role="status">
          {matches.value.length === 0
            ? isSearching.value
              ? 'searching…'
              : 'nothing found'
            : `${showCount(current.value + 1)} of ${showCount(matches.value.length)}`}
        </span>
      )}
      <div class="btns end">
        {toggle('Times', log.hasTimes)}
        {toggle('Only stderr', log.isStderrOnly)}
        {data.output.sections.length > 1 && (
          <button type="button" class="btn bare" onClick={() => log.foldAll(!log.isAnyFolded())}>
            {log.isAnyFolded() ? 'Open all steps' : 'Fold all steps'}
          </button>
        )}
        <button
          type="button"
          class="btn"
          aria-pressed={log.isFollowing.value}
          onClick={() => void (log.isFollowing.value = !log.isFollowing.value)}
        >
          {log.isFollowing.value ? 'Following' : 'Follow'}
        </button>
        <RawButton data={data} />
      </div>
    </div>
  );
}

/** Everything that was received, as a file. What comes later is not in it. */
function RawButton({ data }: { readonly data: TaskData }): JSX.Element {
  const save = (): void => {
    const address = URL.createObjectURL(new Blob(rawParts(data.output), { type: 'text/plain;charset=utf-8' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = `task-${data.id}.log`;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <button type="button" class="btn" onClick={save}>
      Raw
    </button>
  );
}

interface LogEndProps {
  readonly log: LogControls;
  readonly data: TaskData;
  readonly isLive: boolean;
}

function LogEnd({ log, data, isLive }: LogEndProps): JSX.Element {
  const { output } = data;
  void data.outputVersion.value; // the store itself is no signal
  const omitted = Math.max(output.omittedBytes, data.task.value?.usage?.outputOmittedBytes ?? 0);
  const newLines = log.newLines.value;
  return (
    <div class="out-end">
      {omitted > 0 && (
        <span class="st st-warn">
          <StatusIcon shape="warn" />
          {showBytes(omitted)} not kept
        </span>
      )}
      {isLive && connection.value === 'live' && (
        <span class="st st-run">
          <StatusIcon shape="run" />
          Live
        </span>
      )}
      {!isLive && omitted === 0 && data.isComplete.value && (
        <span class="st st-ok">
          <StatusIcon shape="ok" />
          Complete
        </span>
      )}
      <span>{plural(output.count, 'line')}</span>
      <span>{showBytes(output.bytes)}</span>
      {isLive && !log.isFollowing.value && newLines > 0 && (
        <button type="button" class="btn" onClick={() => void (log.isFollowing.value = true)}>
          {plural(newLines, 'new line')}
        </button>
      )}
      {!isLive && <span class="end">ended {showInstant(data.task.value?.completedAt ?? null, now.value)}</span>}
    </div>
  );
}

function logKeys(log: LogControls): Parameters<typeof useKeys>[0] {
  return {
    '/': { label: 'search the output', run: () => document.getElementById('output-search')?.focus() },
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
