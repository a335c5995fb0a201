import { TaskId } from '../../../shared/model/ids.ts';
import { renewLeases } from '../../store/tasks/leases.ts';
import type { EngineDeps } from '../engine-deps.ts';

/** A task that this node runs. */
export interface HeldTask {
  /** Aborted when the node has lost the task, so that its step ends at once. */
  readonly lost: AbortController;
  /** Settles when the task is released or left. */
  readonly done: Promise<void>;
  readonly token: number;
}

type LeaseDeps = Pick<EngineDeps, 'leaseDb' | 'node' | 'leaseSeconds' | 'clock' | 'outage' | 'log'>;

// Number of renewals per lease, so that two in a row may fail.
const RENEWALS_PER_LEASE = 3;
// No step continues later than (lease − 5 s) after the last confirmed renewal, because another node could then run the same task.
const LEASE_MARGIN_MS = 5_000;
// A failed renewal is repeated after this long (a failover takes seconds), or when the next renewal is due.
const RETRY_MS = 500;

export function renewalMsOf({ leaseSeconds }: Pick<EngineDeps, 'leaseSeconds'>): number {
  return (leaseSeconds * 1000) / RENEWALS_PER_LEASE;
}

/** Renews the leases of the held tasks until `abort`. Aborts each task that is lost or may be. */
export async function keepLeases(
  deps: LeaseDeps,
  held: ReadonlyMap<number, HeldTask>,
  abort: AbortSignal,
): Promise<void> {
  const { clock } = deps;
  const renewalMs = renewalMsOf(deps);
  const leaseMs = deps.leaseSeconds * 1000;
  const longestMs = leaseMs - Math.min(LEASE_MARGIN_MS, leaseMs / 2);
  let confirmedMs = clock.monotonicMs();
  let waitMs = renewalMs;
  while (!abort.aborted) {
    await clock.sleep(waitMs, abort);
    if (abort.aborted) return;
    const askedMs = clock.monotonicMs();
    try {
      await renew(deps, held);
      confirmedMs = askedMs;
      waitMs = renewalMs;
    } catch (error) {
      if (!deps.outage.note(error, 'renewing the leases')) deps.log.warn({ err: error }, 'renewing the leases failed');
      waitMs = Math.min(renewalMs, RETRY_MS);
      if (clock.monotonicMs() - confirmedMs > longestMs) for (const task of held.values()) task.lost.abort();
    }
  }
}

async function renew({ leaseDb, node, leaseSeconds }: LeaseDeps, held: ReadonlyMap<number, HeldTask>): Promise<void> {
  // A task claimed while the query is under way has a fresh lease and does not appear in the answer.
  const asked = [...held].map(([id, task]) => ({ id: TaskId.parse(id), token: task.token, task }));
  const owned = await renewLeases(leaseDb, node, leaseSeconds, asked);
  const tokens = new Map(owned.map((lease) => [lease.id, lease.token]));
  for (const { id, token, task } of asked) if (tokens.get(id) !== token) task.lost.abort();
}
