import { useSignal, type ReadonlySignal } from '@preact/signals';
import type { GroupQueueView, QueueView } from '../../api/queue/queue-views.ts';
import { usePoll, usePolled } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';

const QUEUE_MS = 2_000;
/** Estimates of a whole group move slowly. */
const GROUP_MS = 5_000;

function readQueueOf(id: number): Promise<QueueView> {
  return bodyOf(api.GET('/v1/tasks/{id}/queue', { params: { path: { id } } }));
}

/** Follows what a task waits for, while something can hold it; null: it is not known yet, or nothing can. */
export function useQueueOf(id: number, isHeld: boolean): ReadonlySignal<QueueView | null> {
  const view = useSignal<QueueView | null>(null);
  usePoll(
    async () => {
      view.value = isHeld ? await readQueueOf(id) : null;
    },
    QUEUE_MS,
    [id, isHeld],
  );
  return view;
}

/** Follows the first tasks of a group's queue; null: not known yet. */
export function useQueueOfGroup(name: string, limit: number): GroupQueueView | null {
  return usePolled(
    () => bodyOf(api.GET('/v1/groups/{name}/queue', { params: { path: { name }, query: { limit } } })),
    GROUP_MS,
  ).value;
}
