import { signal } from '@preact/signals';
import { useLocation } from 'preact-iso/router';
import type { JSX } from 'preact';
import type { TaskSummaryAnswer } from '../../api/state/state-views.ts';
import { FAULT_LABELS } from '../fault-labels.ts';
import { StatusIcon, SearchIcon } from '../parts/icons.tsx';
import { usePoll } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';
import { MoreFilters } from './more-filters.tsx';
import { decideCounts, type CountedList, type TabCounts } from './tab-counts.ts';
import { addressOf, TABS, type ListFilter, type TaskQuery } from './task-filter.ts';

const summary = signal<TaskSummaryAnswer | null>(null);
const SUMMARY_MS = 5_000;
const PRIORITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;
const FAULTS = ['user', 'system', 'capacity', 'configuration', 'spot'] as const satisfies readonly TaskQuery['fault'][];

/** Tabs and fields; the filter is in the address, so that it can be sent to somebody, and Back works. */
export function FilterBar({ filter, list }: { readonly filter: ListFilter; readonly list: CountedList }): JSX.Element {
  usePoll(async () => {
    summary.value = await bodyOf(api.GET('/v1/task-summary'));
  }, SUMMARY_MS);
  const groups = summary.value?.groups ?? [];
  const causes = [...new Set(groups.flatMap((group) => Object.keys(group.causes)))].sort();
  return (
    <>
      <StatusTabs filter={filter} counts={decideCounts(filter, groups, list)} />
      <form class="tools" role="search" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
        <TextField filter={filter} />
        <Choice
          filter={filter}
          field="group"
          label="Group"
          none="all"
          values={groups.map(({ group }) => group).sort()}
        />
        <Choice filter={filter} field="cause" label="Cause" none="any" values={causes} />
        <Choice filter={filter} field="fault" label="Fault" none="any" values={FAULTS} />
        <Choice filter={filter} field="priority" label="Priority" none="any" values={PRIORITIES} />
        <MoreFilters filter={filter} />
      </form>
    </>
  );
}

function StatusTabs({ filter, counts }: { readonly filter: ListFilter; readonly counts: TabCounts }): JSX.Element {
  return (
    <nav class="tabs" aria-label="Status">
      {TABS.map(({ name, word, shape }, index) => {
        const count = counts[name];
        const isGroupStart = name === 'running' || name === 'succeeded';
        return [
          isGroupStart && <span key={`gap-${index}`} class="gap" />,
          <a
            key={name}
            class={count === 0 ? 'tab none' : 'tab'}
            href={addressOf({ ...filter, tab: name })}
            {...(filter.tab === name && { 'aria-current': 'true' as const })}
          >
            {shape && (
              <span class={`st-${shape}`}>
                <StatusIcon shape={shape} />
              </span>
            )}
            {word} {count !== undefined && <b>{count}</b>}
          </a>,
        ];
      })}
    </nav>
  );
}

function TextField({ filter }: { readonly filter: ListFilter }): JSX.Element {
  const { route } = useLocation();
  return (
    <label class="field grow">
      <SearchIcon />
      <span class="sr">Title, repository, branch or number</span>
      <input
        id="filter-text"
        type="search"
        placeholder="Title, repository, branch or number"
        value={filter.text}
        onInput={(event) => route(addressOf({ ...filter, text: event.currentTarget.value }), true)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <kbd>/</kbd>
    </label>
  );
}

function wordOf(field: ChoiceProps['field'], value: string): string {
  if (field === 'priority') return value.toLowerCase();
  const fault = field === 'fault' ? FAULTS.find((one) => one === value) : undefined;
  return fault === undefined ? value : FAULT_LABELS[fault];
}

interface ChoiceProps {
  readonly filter: ListFilter;
  readonly field: 'group' | 'cause' | 'fault' | 'priority';
  readonly label: string;
  readonly none: string;
  readonly values: readonly string[];
}

function Choice({ filter, field, label, none, values }: ChoiceProps): JSX.Element {
  const { route } = useLocation();
  const chosen = filter[field];
  const listed = chosen === '' || values.includes(chosen) ? values : [chosen, ...values];
  return (
    <label class="field">
      <span class="muted">{label}</span>
      <select value={chosen} onChange={(event) => route(addressOf({ ...filter, [field]: event.currentTarget.value }))}>
        <option value="">{none}</option>
        {listed.map((value) => (
          <option key={value} value={value}>
            {wordOf(field, value)}
          </option>
        ))}
      </select>
    </label>
  );
}
