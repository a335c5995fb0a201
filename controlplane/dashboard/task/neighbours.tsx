import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { usePoll } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';

const NEWEST_MS = 15_000;

/** Links to the task before this one and to the next, which is there once a newer task is. */
export function Neighbours({ id }: { readonly id: number }): JSX.Element {
  const newest = useSignal(id);
  usePoll(async () => {
    const { tasks } = await bodyOf(api.GET('/v1/tasks', { params: { query: { limit: 1 } } }));
    newest.value = tasks[0]?.id ?? id;
  }, NEWEST_MS);
  return (
    <span class="end">
      {id > 1 && <a href={`/tasks/${id - 1}`}>‹ {id - 1}</a>} &nbsp;{' '}
      {id < newest.value && <a href={`/tasks/${id + 1}`}>{id + 1} ›</a>}
    </span>
  );
}
