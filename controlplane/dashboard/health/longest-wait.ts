import type { GroupView } from '../../api/groups/group-views.ts';

type Waiting = Pick<GroupView, 'name' | 'oldestQueuedAt'>;

/** The group whose oldest task waits longest comes first; those where nothing waits follow by name. */
export function longestWaitFirst<T extends Waiting>(groups: readonly T[]): T[] {
  const since = ({ oldestQueuedAt }: Waiting): number => (oldestQueuedAt ? Date.parse(oldestQueuedAt) : Infinity);
  return [...groups].sort((a, b) => compare(since(a), since(b)) || a.name.localeCompare(b.name));
}

/** Two of `Infinity` have no difference that is a number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
