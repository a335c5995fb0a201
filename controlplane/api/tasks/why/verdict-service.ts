import type { TaskId } from '../../../../shared/model/ids.ts';
import { decideLiveness } from '../../../containers/liveness.ts';
import type { Verdict } from '../../../../shared/model/verdict.ts';
import { readAttemptSignals, witnessesOf } from '../../../engine/container/witnesses.ts';
import type { AttemptRow, Db } from '../../../store/schema.ts';
import { readEndSignals } from '../../../store/signals/read-end-signals.ts';

interface VerdictDeps {
  readonly db: Db;
  /** How often agents report: three missing reports are a silence. */
  readonly heartbeatSeconds: number;
}

/**
 * Returns what the three witnesses prove of each container of a task at this moment, by the number of the attempt: from
 * what is stored, as the next step of the task would decide. Attempts without a container are absent.
 */
export async function readVerdicts(
  { db, heartbeatSeconds }: VerdictDeps,
  taskId: TaskId,
  attempts: readonly AttemptRow[],
): Promise<ReadonlyMap<number, Verdict>> {
  const withContainer = attempts.filter(({ arn, state }) => arn !== null && state !== 'void');
  const ended = withContainer.filter(isEnded);
  const open = withContainer.filter((attempt) => !isEnded(attempt));
  const verdicts = new Map<number, Verdict>(ended.map(({ number }) => [number, 'terminated']));
  if (open.length === 0) return verdicts;
  const { now, signals } = await readEndSignals(db, taskId);
  for (const attempt of open) {
    const said = readAttemptSignals(signals.filter((signal) => signal.attempt === attempt.number));
    verdicts.set(attempt.number, decideLiveness(witnessesOf(attempt, said, now, heartbeatSeconds)).verdict);
  }
  return verdicts;
}

function isEnded({ endCause, resolvedAt }: AttemptRow): boolean {
  return endCause !== null || resolvedAt !== null;
}
