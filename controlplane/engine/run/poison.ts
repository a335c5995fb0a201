import type { TaskLease } from '../../store/tasks/leases.ts';
import { countTakeovers } from '../../store/tasks/leases.ts';
import type { ClaimedTask } from '../../store/tasks/queue.ts';
import { LeaveTask, type EngineDeps } from '../engine-deps.ts';
import type { Unfit } from './unfit-task.ts';

// After so many takeovers of one entry without a save the task itself is what kills its nodes (engine.md 2).
const POISON_TAKEOVERS = 3;

/**
 * Whether the task is what kills its nodes. Nodes that were only cut off or slow say so as soon as they find the task
 * gone, and that is within a lease: so long nobody is accused.
 */
export async function whyPoisoned(
  deps: EngineDeps,
  row: ClaimedTask,
  lease: TaskLease,
  stop: AbortSignal,
): Promise<Unfit | null> {
  if (row.takeovers < POISON_TAKEOVERS || !row.isTakeover) return null;
  await deps.clock.sleep(deps.leaseSeconds * 1000, stop);
  if (stop.aborted) throw new LeaveTask('stopping');
  const takeovers = await countTakeovers(deps.db, lease);
  if (takeovers === null) throw new LeaveTask('lost');
  if (takeovers < POISON_TAKEOVERS) return null;
  const state = row.entering ?? row.state ?? 'its start';
  const message = `${takeovers} nodes in a row were lost in the state ${state}, so the task is not tried again.`;
  return { cause: 'poison', message };
}
