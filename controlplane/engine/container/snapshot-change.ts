import type { EcsSeen, EcsSnapshot } from '../../containers/container.ts';
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
  if (before && isSame(before, witness)) return null;
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
 * Returns whether the snapshots differ only in their time. Even then the row is written every minute, so that it shows the age of
 * the answer.
 */
function isSame(one: EcsWitness, other: EcsWitness): boolean {
  if (one.stoppedAt !== other.stoppedAt || !isInOneMinute(one.look.at, other.look.at)) return false;
  if (one.look.kind !== 'seen' || other.look.kind !== 'seen') return one.look.kind === other.look.kind;
  return isSameSeen(one.look, other.look);
}

function isInOneMinute(one: string, other: string): boolean {
  return one === other || minuteOf(one) === minuteOf(other);
}

function minuteOf(instant: string): number {
  return Math.floor(Date.parse(instant) / 60_000);
}

function isSameSeen(one: EcsSeen, other: EcsSeen): boolean {
  return (
    one.lastStatus === other.lastStatus &&
    one.desiredStatus === other.desiredStatus &&
    one.stopCode === other.stopCode &&
    one.stoppedReason === other.stoppedReason &&
    one.containerReason === other.containerReason &&
    one.exitCode === other.exitCode &&
    JSON.stringify(one.others) === JSON.stringify(other.others) &&
    one.address?.host === other.address?.host &&
    one.address?.port === other.address?.port &&
    (one.pullStartedAt ?? null) === (other.pullStartedAt ?? null) &&
    (one.pullStoppedAt ?? null) === (other.pullStoppedAt ?? null)
  );
}
