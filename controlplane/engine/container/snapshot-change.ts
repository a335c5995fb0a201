import type { EcsSnapshot } from '../../containers/container.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { StepStore } from '../../store/step-store.ts';
import type { EcsWitness } from '../../store/schema/container-tables.ts';
import { nextEcsWitness } from './witnesses.ts';

/** Differences between a snapshot of ECS and the attempt's row. */
export interface SnapshotChange {
  readonly witness: EcsWitness;
  readonly isRunning: boolean;
  readonly isStopped: boolean;
}

/** Returns null when snapshot and row agree. */
export function snapshotChange(attempt: AttemptRow, snapshot: EcsSnapshot): SnapshotChange | null {
  const before = attempt.ecsWitness;
  const witness = nextEcsWitness(before, snapshot);
  if (before && summary(before) === summary(witness)) return null;
  const isRunning = snapshot.kind === 'seen' && snapshot.lastStatus === 'RUNNING';
  return { witness, isRunning, isStopped: witness.stoppedAt !== null };
}

/** Writes the change into the attempt's row. Returns the columns that changed. */
export async function saveSnapshotChange(
  store: Pick<StepStore, 'markWitnessed' | 'markStopped'>,
  attempt: AttemptRow,
  change: SnapshotChange,
): Promise<Partial<AttemptRow>> {
  const ecs = change.witness;
  await store.markWitnessed(attempt.id, { ecs, ...(change.isRunning ? { isRunning: true as const } : {}) });
  if (change.isStopped && attempt.state === 'launched') await store.markStopped(attempt.id, 'stopped');
  return { ecsWitness: ecs, ...(change.isStopped ? { state: 'stopped' as const } : {}) };
}

/**
 * Returns a text that is equal for snapshots that differ only in their time. The row is written every minute even so,
 * for the age of the answer.
 */
function summary({ look: snapshot, stoppedAt }: EcsWitness): string {
  const minute = Math.floor(Date.parse(snapshot.at) / 60_000);
  if (snapshot.kind !== 'seen') return JSON.stringify([snapshot.kind, minute, stoppedAt]);
  const { lastStatus, desiredStatus, stopCode, stoppedReason, containerReason, exitCode, address } = snapshot;
  const { pullStartedAt, pullStoppedAt } = snapshot;
  return JSON.stringify([
    lastStatus,
    desiredStatus,
    stopCode,
    stoppedReason,
    containerReason,
    exitCode,
    address,
    pullStartedAt ?? null,
    pullStoppedAt ?? null,
    minute,
    stoppedAt,
  ]);
}
