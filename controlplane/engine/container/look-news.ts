import type { EcsLook } from '../../containers/container.ts';
import { markStopped, markWitnessed } from '../../store/attempts/mark-attempt.ts';
import type { AttemptRow, Db } from '../../store/schema.ts';
import { nextEcsWitness } from './witnesses.ts';
import { type EcsWitness } from '../../store/schema/container-tables.ts';

/** What a look at ECS says that the attempt's row does not. */
export interface LookNews {
  readonly witness: EcsWitness;
  readonly isRunning: boolean;
  readonly isStopped: boolean;
}

/** Null: the row says the same. */
export function newsOf(attempt: AttemptRow, look: EcsLook): LookNews | null {
  const before = attempt.ecsWitness;
  const witness = nextEcsWitness(before, look);
  if (before && summary(before) === summary(witness)) return null;
  const isRunning = look.kind === 'seen' && look.lastStatus === 'RUNNING';
  return { witness, isRunning, isStopped: witness.stoppedAt !== null };
}

/** Writes it into the attempt's row, and answers what changed there. */
export async function writeNews(db: Db, attempt: AttemptRow, news: LookNews): Promise<Partial<AttemptRow>> {
  const ecs = news.witness;
  await markWitnessed(db, attempt.id, { ecs, ...(news.isRunning ? { isRunning: true as const } : {}) });
  if (news.isStopped && attempt.state === 'launched') await markStopped(db, attempt.id, 'stopped');
  return { ecsWitness: ecs, ...(news.isStopped ? { state: 'stopped' as const } : {}) };
}

/** Two looks that differ only in their time say the same; kept fresh every minute for the age of the answer. */
function summary({ look, stoppedAt }: EcsWitness): string {
  const minute = Math.floor(Date.parse(look.at) / 60_000);
  if (look.kind !== 'seen') return JSON.stringify([look.kind, minute, stoppedAt]);
  const { lastStatus, desiredStatus, stopCode, stoppedReason, containerReason, exitCode, address } = look;
  const { pullStartedAt, pullStoppedAt } = look;
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
