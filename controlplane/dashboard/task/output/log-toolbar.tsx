import type { JSX } from 'preact';
import { showCount } from '../../format.ts';
import { SearchIcon } from '../../parts/icons.tsx';
import type { LogControls } from './log-controls.ts';
import type { TaskData } from '../task-data.ts';

/** What a reader can do with the output. */
export function LogToolbar({ log, data }: { readonly log: LogControls; readonly data: TaskData }): JSX.Element {
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
        {toggle('Wrap', log.isWrapped)}
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
        <RawLink id={data.id} />
      </div>
    </div>
  );
}

/** The whole log as the server has it. While the build runs, what has been written until now. */
function RawLink({ id }: { readonly id: number }): JSX.Element {
  return (
    <a class="btn" href={`/v1/tasks/${id}/output?stream=all&download=true`} download={`task-${id}.log`}>
      Raw
    </a>
  );
}
