import { useLocation } from 'preact-iso/router';
import type { JSX, TargetedInputEvent } from 'preact';
import { useState } from 'preact/hooks';
import { addressOf, type ListFilter } from './task-filter.ts';

const TEXTS = [
  { field: 'repository', label: 'Repository' },
  { field: 'branch', label: 'Branch' },
  { field: 'commit', label: 'Commit', pattern: '[0-9A-Fa-f]{4,64}', title: 'At least 4 hex digits' },
  { field: 'submitter', label: 'Submitted by' },
] as const;
const TIMES = [
  { field: 'since', label: 'Since' },
  { field: 'until', label: 'Until' },
] as const;
const FIELDS = [...TEXTS, ...TIMES].map(({ field }) => field);

/** Filters that are wanted less often. They are open from the start when the address names one of them. */
export function MoreFilters({ filter }: { readonly filter: ListFilter }): JSX.Element {
  const { route } = useLocation();
  const [isOpen, setOpen] = useState(() => usedFields(filter).length > 0);
  const used = usedFields(filter);
  const take =
    (field: keyof ListFilter) =>
    (event: TargetedInputEvent<HTMLInputElement>): void =>
      route(addressOf({ ...filter, [field]: event.currentTarget.value }), true);
  const cleared = Object.fromEntries(used.map((field) => [field, '']));
  return (
    <details class="more-filters" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="btn bare">More filters{used.length > 0 && ` (${used.length})`}</summary>
      <div class="more-fields">
        {TEXTS.map(({ field, label, ...rules }) => (
          <label class="field" key={field}>
            <span class="muted">{label}</span>
            <input type="text" value={filter[field]} onInput={take(field)} {...rules} />
          </label>
        ))}
        {TIMES.map(({ field, label }) => (
          <label class="field" key={field}>
            <span class="muted">{label}</span>
            <input type="datetime-local" value={filter[field]} onInput={take(field)} />
          </label>
        ))}
        {used.length > 0 && (
          <a class="btn bare" href={addressOf({ ...filter, ...cleared })}>
            Clear these
          </a>
        )}
      </div>
    </details>
  );
}

function usedFields(filter: ListFilter): (keyof ListFilter)[] {
  return FIELDS.filter((field) => filter[field] !== '');
}
