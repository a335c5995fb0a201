import { assertNever } from '../../../shared/model/assert-never.ts';
import { EXIT_STATUS, TASK_STATUS } from '../../../shared/model/status.ts';
import { cleanText } from '../../../controlplane/store/json-text.ts';
import type { Next, SavedStep } from '../../../controlplane/store/tasks/save-step.ts';
import { jsonCopy } from './json-copy.ts';
import type { StoredTask } from './stored-task.ts';

/** Writes the fields of a saved step, and what follows, into the task. */
export function saveTask(task: StoredTask, step: SavedStep, now: Date, mayCrash: boolean): void {
  const { row, json } = task;
  if (step.state !== undefined) row.state = step.state;
  if (step.entry !== undefined) row.entry = step.entry;
  if (step.classVersion !== undefined) row.classVersion = step.classVersion;
  if (step.exitStatus !== undefined) row.exitStatus = EXIT_STATUS[step.exitStatus];
  if (step.exitMessage !== undefined) row.exitMessage = cleanOrNull(step.exitMessage);
  if (step.exitDetail !== undefined) row.exitDetail = cleanOrNull(step.exitDetail);
  if (step.cause !== undefined) row.cause = cleanOrNull(step.cause);
  if (step.endCause !== undefined) row.endCause = step.endCause;
  if (step.position !== undefined) row.position = step.position;
  // A save in the middle of a step is read again only if the node dies.
  const isReadAgain = mayCrash || step.next.kind !== 'entering';
  if (isReadAgain && step.contexts !== undefined) json.contexts = jsonCopy(step.contexts) as typeof json.contexts;
  if (isReadAgain && step.memory !== undefined) json.memory = jsonCopy(step.memory) as typeof json.memory;
  if (step.timers !== undefined) row.timers = step.timers;
  row.takeovers = 0;
  follow(task, step.next, now);
}

function cleanOrNull(text: string | null): string | null {
  return text === null ? null : cleanText(text);
}

function follow({ row }: StoredTask, next: Next, now: Date): void {
  if (next.kind === 'entering') {
    row.entering = next.state;
    return;
  }
  row.owner = null;
  row.leaseUntil = null;
  row.entering = null;
  switch (next.kind) {
    case 'yield':
      row.status = TASK_STATUS.WAITING;
      row.waitUntil = null;
      row.wakeAt = now;
      return;
    case 'wait':
      return sleep({ row }, new Date(now.getTime() + next.seconds * 1000), next, now);
    case 'wait-on':
      return sleep({ row }, row.waitUntil ?? now, next, now);
    case 'complete':
      row.status = TASK_STATUS.COMPLETE;
      row.completedAt = now;
      row.waitUntil = null;
      row.isPrioritized = false;
      return;
    default:
      return assertNever(next);
  }
}

/** Lets the task sleep until then: never past the end of its time, and not at all when something came meanwhile. */
function sleep(
  { row }: Pick<StoredTask, 'row'>,
  until: Date,
  next: Extract<Next, { isCutBySignals: boolean }>,
  now: Date,
): void {
  const deadline = deadlineOf(row);
  const bounded = deadline !== null && deadline > now && deadline < until ? deadline : until;
  const seen = next.isCutBySignals ? row.wakeSeq : row.urgentSeq;
  row.status = TASK_STATUS.WAITING;
  row.waitUntil = bounded;
  row.wakeAt = seen > row.seenSeq ? now : bounded;
  row.isCutBySignals = next.isCutBySignals;
  row.waitsFor = cleanOrNull(next.waitsFor ?? null);
  row.waitReason = next.waitReason ?? null;
}

/** Returns when the task's time is over; null: never, or it has not started. */
export function deadlineOf(row: StoredTask['row']): Date | null {
  if (row.startedAt === null || row.maxRunSeconds === null) return null;
  return new Date(row.startedAt.getTime() + row.maxRunSeconds * 1000);
}
