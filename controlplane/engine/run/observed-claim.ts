import type { ClaimedTask } from '../../store/tasks/queue.ts';
import type { ObservedClaim } from '../engine-observer.ts';

/** Returns the measurements of a claim. Its time is the database's, calculated from the end of its lease. */
export function observedClaim({ groupName, isTakeover, ...row }: ClaimedTask, leaseSeconds: number): ObservedClaim {
  const claimedMs = row.leaseUntil === null ? null : row.leaseUntil.getTime() - leaseSeconds * 1_000;
  const seconds = claimedMs === null ? null : Math.max(0, claimedMs - row.wakeAt.getTime()) / 1_000;
  // Only a claim of a task under way also begins its step.
  const isNew = row.stepInput === null;
  const isWoken = !isNew && !isTakeover;
  return { group: groupName, isTakeover, queuedSeconds: isNew ? seconds : null, wakeSeconds: isWoken ? seconds : null };
}
