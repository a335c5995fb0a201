import type { ClaimedTask } from '../../store/tasks/queue.ts';
import type { ObservedClaim } from '../engine-observer.ts';

/** Returns what is measured of a claim. Its own time is that of the database: its lease began then. */
export function observedClaim({ groupName, isTakeover, ...row }: ClaimedTask, leaseSeconds: number): ObservedClaim {
  const claimedMs = row.leaseUntil === null ? null : row.leaseUntil.getTime() - leaseSeconds * 1_000;
  const seconds = claimedMs === null ? null : Math.max(0, claimedMs - row.wakeAt.getTime()) / 1_000;
  // Only the claim of a task under way begins its step in the same statement.
  const isNew = row.stepInput === null;
  const isWoken = !isNew && !isTakeover;
  return { group: groupName, isTakeover, queuedSeconds: isNew ? seconds : null, wakeSeconds: isWoken ? seconds : null };
}
