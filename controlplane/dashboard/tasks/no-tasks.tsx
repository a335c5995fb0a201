import type { JSX } from 'preact';
import { CommandLine } from '../parts/command.tsx';
import { Empty } from '../parts/section.tsx';
import { addressOf, NO_FILTER, tabOf, type ListFilter } from './task-filter.ts';
import type { TaskList } from './task-list.ts';

/** Skeletons until the first answer; then why nothing is there. */
export function NoTasks({ list, filter }: { readonly list: TaskList; readonly filter: ListFilter }): JSX.Element {
  if (list.nextCursor.value === undefined) return <Skeletons />;
  if (addressOf(filter) === addressOf(NO_FILTER)) return <FirstRun />;
  const tab = tabOf(filter);
  return (
    <Empty title={tab.name === 'all' ? 'No task matches' : `No task is “${tab.word.toLowerCase()}”`}>
      <p>Nothing that is kept matches this filter.</p>
      <a class="btn" href="/">
        Clear the filter
      </a>
    </Empty>
  );
}

function FirstRun(): JSX.Element {
  return (
    <Empty title="No build yet">
      <p>
        Give Wip a repository with an <span class="mono">acquia-pipelines.yaml</span> in it: run this in its directory.
        The task appears here by itself.
      </p>
      <CommandLine command="wipctl run . --watch" />
    </Empty>
  );
}

const WIDTHS = ['16rem', '12rem', '19rem'] as const;

function Skeletons(): JSX.Element {
  return (
    <ol class="list late" aria-busy="true" aria-label="Loading tasks">
      {WIDTHS.map((width) => (
        <li class="row" key={width}>
          <span />
          <div class="c-status">
            <span class="sk" style={{ '--w': '5rem' }} />
          </div>
          <div class="c-task">
            <span class="sk" style={{ '--w': width }} />
          </div>
          <div class="c-state">
            <span class="sk" style={{ '--w': '14rem' }} />
          </div>
        </li>
      ))}
    </ol>
  );
}
