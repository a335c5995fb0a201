import type { JSX } from 'preact';
import { showBytes, showClock, showCount } from '../../format.ts';
import { StatusIcon } from '../../parts/icons.tsx';
import { TIME_COLUMNS, type LogControls } from './log-controls.ts';
import type { OutputRow } from './output-rows.ts';
import type { OutputSection } from './output-lines.ts';
import { sectionEnd } from '../section-end.ts';
import { markedParts, styledParts } from './styled-text.ts';
import type { TaskData } from '../task-data.ts';
import { sliceParts } from './wrap-rows.ts';

interface LogRowProps {
  readonly row: OutputRow;
  readonly log: LogControls;
  readonly data: TaskData;
}

export function LogRow({ row, log, data }: LogRowProps): JSX.Element {
  if (row.kind === 'head') return <SectionHead section={row.section} log={log} data={data} />;
  return <Line line={row.line} part={row.part} log={log} data={data} />;
}

/** Lines that say how a step, or the build, came to a bad end. */
const BAD_END = /^(--- .*: failed after |wip-agent: |The step ".*" failed in line )/;

interface LineProps extends Omit<LogRowProps, 'row'> {
  readonly line: number;
  /** The characters of a wrapped line that this row shows. */
  readonly part: { readonly from: number; readonly to: number } | undefined;
}

function Line({ line, part, log, data }: LineProps): JSX.Element {
  const { output } = data;
  const text = output.texts[line] ?? '';
  const kind = output.kinds[line];
  if (kind === 'gap') {
    return (
      <div class="ln gap">
        <span />
        <span>
          <StatusIcon shape="warn" /> {showBytes(Number(text))} of output were not kept here.
        </span>
      </div>
    );
  }
  const number = line + 1;
  const isContinued = part !== undefined && part.from > 0;
  const marked = markedParts(styledParts(text), log.wanted.value);
  const shown = part === undefined ? marked : sliceParts(marked, part.from, part.to);
  const classes = [
    'ln',
    kind === 'stderr' ? 'se' : '',
    BAD_END.test(text) ? 'err' : '',
    log.isTarget(line) ? 'hit' : '',
  ].filter(Boolean);
  return (
    <div class={classes.join(' ')} {...(kind === 'stderr' && { title: 'stderr' })}>
      {isContinued ? (
        <span />
      ) : (
        <a href={`#L${number}`} aria-label={`Line ${number}`} onClick={(event) => extendTarget(event, number, log)}>
          {showCount(number)}
        </a>
      )}
      <span>
        {log.hasTimes.value &&
          (isContinued ? ' '.repeat(TIME_COLUMNS) : <time>{showClock(output.times[line] ?? null)} </time>)}
        {shown.map(({ text: piece, classes: style, isHit }, index) =>
          isHit ? (
            <mark key={index} class={log.isTarget(line) ? 'cur' : ''}>
              {piece}
            </mark>
          ) : (
            <span key={index} class={style}>
              {piece}
            </span>
          ),
        )}
      </span>
    </div>
  );
}

/** With Shift, the lines from the chosen one to this one. */
function extendTarget(event: MouseEvent, number: number, log: LogControls): void {
  const from = log.target.value?.from;
  if (!event.shiftKey || from === undefined) return;
  event.preventDefault();
  const [first, last] = [from + 1, number].sort((a, b) => a - b);
  location.hash = `#L${first}-L${last}`;
}

function SectionHead({
  section,
  log,
  data,
}: { readonly section: OutputSection } & Omit<LogRowProps, 'row'>): JSX.Element {
  const isFolded = log.isFolded(section);
  const { event, number, of, name } = section;
  const isLatest = data.output.latestOf(section) === section;
  const { shape, word, took } = sectionEnd(section, {
    task: data.task.value,
    isComplete: data.isComplete.value,
    isLatest,
  });
  return (
    <button type="button" class="fold-head" aria-expanded={!isFolded} onClick={() => log.fold([section], !isFolded)}>
      <span class="muted nowrap">
        {event === 'build' ? 'Step' : `${event}, step`} {number} of {of}
      </span>
      <b class="clip">{name}</b>
      <span class="end">{took}</span>
      <span class={`st st-${shape}`}>
        <StatusIcon shape={shape} />
        <span class="sr">{word}</span>
      </span>
    </button>
  );
}
