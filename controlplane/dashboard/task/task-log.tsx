import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { showBytes, showClock } from '../format.ts';
import { Section } from '../parts/section.tsx';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { TaskData } from './task-data.ts';

const LEVELS: Readonly<Record<string, { readonly word: string; readonly tone: string }>> = {
  FATAL: { word: 'Fatal', tone: 'i-bad' },
  ERROR: { word: 'Error', tone: 'i-bad' },
  WARN: { word: 'Warning', tone: 'i-warn' },
  ALERT: { word: 'Alert', tone: 'i-warn' },
  INFO: { word: 'Info', tone: 'muted' },
  DEBUG: { word: 'Debug', tone: 'muted' },
  TRACE: { word: 'Trace', tone: 'muted' },
};

/** A longer message is output that was kept, such as the last words of a process. */
const FOLD_FROM_CHARACTERS = 400;

function Message({ text }: { readonly text: string }): JSX.Element {
  if (text.length < FOLD_FROM_CHARACTERS) return <p>{text}</p>;
  const [first = '', ...rest] = text.split('\n');
  return (
    <details>
      <summary>
        {first.slice(0, FOLD_FROM_CHARACTERS)} <span class="muted">· {showBytes(text.length)}</span>
      </summary>
      <pre tabIndex={0}>{first.length > FOLD_FROM_CHARACTERS ? text : rest.join('\n')}</pre>
    </details>
  );
}

/** What Wip wrote about the task, and everything as JSON. */
export function TaskLog({ task, data }: { readonly task: TaskView; readonly data: TaskData }): JSX.Element {
  const json = JSON.stringify(task, null, 2);
  const [isAll, setAll] = useState(false);
  // The others repeat the steps, and what operators want to know of machines.
  const logs = isAll ? data.logs.value : data.logs.value.filter(({ userReadable }) => userReadable);
  const more = data.logs.value.length - logs.length;
  return (
    <>
      <div class="gap-b">
        <Section
          id="log"
          title="Log"
          end={
            more > 0 || isAll ? (
              <button type="button" class="btn bare" aria-pressed={isAll} onClick={() => setAll(!isAll)}>
                {isAll ? 'Only those for users' : `Show ${more} more, for operators`}
              </button>
            ) : logs.length === 0 ? (
              'nothing was written yet'
            ) : undefined
          }
        >
          {logs.length > 0 && (
            <ol class="log card">
              {logs.map(({ id, at, level, message }) => (
                <li key={id}>
                  <time dateTime={at}>{showClock(at)}</time>
                  <span class={LEVELS[level]?.tone}>{LEVELS[level]?.word ?? level}</span>
                  <Message text={message} />
                </li>
              ))}
            </ol>
          )}
        </Section>
      </div>
      <Section id="json" title="JSON">
        <details class="json card">
          <summary>
            Everything the API says about this task <span class="muted">· {showBytes(json.length)}</span>
          </summary>
          <pre tabIndex={0}>{json}</pre>
        </details>
      </Section>
    </>
  );
}
