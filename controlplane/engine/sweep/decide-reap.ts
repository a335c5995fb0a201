import type { AttemptName } from '../../containers/started-by.ts';
import { parseStartedBy } from '../../containers/started-by.ts';
import type { OwnedAttempt } from '../../store/attempts/find-attempt.ts';

/** An ECS task in the form of ListTasks and DescribeTasks. */
export interface RunningTask {
  readonly arn: string;
  readonly startedBy: string;
}

/** Time at which each ECS task was first seen without an owner, by ARN; monotonic milliseconds. */
export type Suspects = ReadonlyMap<string, number>;

export interface Reaping {
  readonly suspects: Suspects;
  /** ECS tasks that have had no owner for long enough. The caller checks the owner once more before it stops one. */
  readonly due: readonly (RunningTask & { readonly attempt: AttemptName })[];
}

/**
 * An ECS task without an owner is stopped only when it still runs after this time: a launch whose answer is under way looks the
 * same for a moment.
 */
export const REAP_AFTER_MS = 60_000;

/**
 * Returns whether an attempt owns this ECS task: the attempt it was started for, unless ECS gave that attempt another
 * container.
 */
export function isOwned(
  task: { readonly arn: string; readonly attempt: AttemptName },
  owned: readonly OwnedAttempt[],
): boolean {
  const { taskId, number } = task.attempt;
  return owned.some(
    (attempt) =>
      attempt.taskId === taskId && attempt.number === number && (attempt.arn === null || attempt.arn === task.arn),
  );
}

/**
 * Decides about the tasks of one ECS cluster. Several calls in one minute, which several rows for one cluster cause,
 * count as one: only time makes a suspect due.
 */
export function decideReap(
  before: Suspects,
  seen: { readonly running: readonly RunningTask[]; readonly owned: readonly OwnedAttempt[]; readonly nowMs: number },
  installationId: string,
): Reaping {
  const suspects = new Map(before);
  const due: (RunningTask & { attempt: AttemptName })[] = [];
  for (const task of seen.running) {
    const attempt = parseStartedBy(task.startedBy, installationId);
    if (!attempt) continue;
    if (isOwned({ ...task, attempt }, seen.owned)) {
      suspects.delete(task.arn);
      continue;
    }
    const sinceMs = suspects.get(task.arn) ?? seen.nowMs;
    suspects.set(task.arn, sinceMs);
    if (seen.nowMs - sinceMs >= REAP_AFTER_MS) due.push({ ...task, attempt });
  }
  return { suspects, due };
}
