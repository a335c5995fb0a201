import { OperationalError } from '../../../shared/model/error.ts';
import { faultOfExit } from '../../containers/causes/end-cause.ts';
import type { StepInput } from '../../store/tasks/begin-step.ts';
import { OVERDUE, PARENT_ENDED, SUPERSEDED } from '../../tasks/basic-wip.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import { LeaveTask } from '../engine-deps.ts';
import { addStatusReport } from './add-reports.ts';
import { openStep } from './open-step.ts';
import { save, type Run } from './task-run.ts';
import type { UnrunnableReason } from './unrunnable-task.ts';

/**
 * Marks a task that is past its maximum run time. Such a task ends like a terminated one, but as the system's
 * failure.
 */
export function noteOverdue(run: Run, input: StepInput): boolean {
  if (!input.isOverdue || run.draft.exit.cause === OVERDUE) return input.isOverdue;
  const message = `The task ran longer than its maximum of ${run.row.maxRunSeconds} s.`;
  run.draft.exit = { status: 'ERROR_SYSTEM', message, cause: OVERDUE };
  run.draft.log(LOG_LEVEL.ERROR, message, true);
  return true;
}

/** Notes that a task ends because of another task and not on request, before it follows the path of a termination. */
export async function noteEndingTask({ deps, draft, row }: Run): Promise<void> {
  const { terminateHonoured, entering } = draft.position;
  if (terminateHonoured || entering) return;
  const other = await deps.store.findEndingTask(row.id);
  if (!other) return;
  const [cause, message] = other.isParent
    ? [PARENT_ENDED, `Its parent, task ${other.id}, ended.`]
    : [SUPERSEDED, `Superseded by task ${other.id}: ${other.title}.`];
  draft.exit = { status: 'TERMINATED', message, cause };
  draft.log(LOG_LEVEL.INFO, message, true);
}

/** Completes the task and asks its children to end too. When the node dies in between, the next sweep asks them. */
export async function completeTask(run: Run): Promise<void> {
  addStatusReport(run, 'ended');
  const { hasOrphans } = await save(run, { kind: 'complete' });
  const { row, draft, deps } = run;
  const { status, cause = null, fault = null } = draft.exit;
  deps.observer.taskEnded({
    id: row.id,
    uuid: row.uuid,
    group: row.groupName,
    exitStatus: status,
    cause,
    fault: faultOfExit(status, fault),
  });
  if (hasOrphans) await deps.store.endOrphans(row.id);
}

/**
 * Ends a task without calling its class again, because the class is what cannot be trusted, or is not there. Its container is
 * stopped first where the end was asked for; the reaper stops that of others.
 */
export async function endUnrunnable(run: Run, unrunnable: UnrunnableReason, input: StepInput): Promise<void> {
  const { draft } = run;
  const { cause, message, status } = unrunnable;
  if (status === 'TERMINATED') await stopContainerOf(run, input);
  draft.exit = { status, message, cause };
  draft.log(status === 'TERMINATED' ? LOG_LEVEL.WARN : LOG_LEVEL.ERROR, message, true);
  if (status === 'TERMINATED') await noteEndingTask(run);
  await completeTask(run);
}

/** A stop that ECS does not accept leaves the task as it is: its container runs on, so its slot is not free. */
async function stopContainerOf(run: Run, input: StepInput): Promise<void> {
  const { session } = openStep(run, input);
  try {
    await session.container()?.kill('its task is ended, and no node has the class of it');
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    throw new LeaveTask('stop-refused');
  }
}
