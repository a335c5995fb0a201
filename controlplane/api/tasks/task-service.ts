import { OperationalError } from '../../../shared/model/error.ts';
import { TASK_STATUS, type TaskStatus } from '../../../shared/model/status.ts';
import type { MasterKey } from '../../../shared/support/sealing.ts';
import { sha256Hex } from '../../../shared/support/signing.ts';
import { prepareTask, type PrepareTaskDeps } from '../../engine/prepare-task.ts';
import type { AuthenticationWorld } from '../http/authentication.ts';
import type { TaskControlWorld } from './task-control-routes.ts';
import type { TaskReadWorld } from './own-task.ts';
import type { TaskRecordingWorld } from './task-recording-routes.ts';
import type { SubmittedTask, TaskSubmitWorld } from './task-routes.ts';
import type { PingAnswer } from '../health/health-views.ts';
import { listAttempts } from '../../store/attempts/find-attempt.ts';
import { pauseTask, requestTerminate, restartTask, resumeTask } from '../../store/control/control-task.ts';
import { countOmittedOutput, readOutput, readOutputPieces } from '../../store/output/read-output.ts';
import { readUsage } from '../../store/output/read-usage.ts';
import type { Db } from '../../store/schema.ts';
import { findApiToken } from '../../store/settings/api-tokens.ts';
import { appendAudit } from '../../store/settings/audit.ts';
import { addTask } from '../../store/tasks/add-task.ts';
import { readLogs, readSteps } from '../../store/tasks/read-recording.ts';
import { countByStatus, findTask, listTasks } from '../../store/tasks/read-tasks.ts';
import type { WipClass } from '../../tasks/basic-wip.ts';
import { differingParts, digestJob } from './job-digest.ts';
import { findWaitReasons } from './wait-reasons.ts';
import { jobIdOf, logView, stepView, summaryFacts, taskFacts } from './task-facts.ts';

export interface UserSide {
  readonly db: Db;
  readonly masterKey: MasterKey;
  /** Keys the digests of orders; see digestJob. */
  readonly digestKey: string;
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly maxRunSeconds: number;
  readonly settings: PrepareTaskDeps['settings'];
}

type UserWorld = AuthenticationWorld & TaskSubmitWorld & TaskReadWorld & TaskRecordingWorld & TaskControlWorld;

/** What people and their programs may do, answered from the store. */
export function answerUsers(side: UserSide): UserWorld & { countTasks: () => Promise<PingAnswer['tasks']> } {
  const { db } = side;
  const audited = (action: string, id: number, by: string): Promise<void> =>
    appendAudit(db, { actor: by, action, subject: `task/${id}` });
  return {
    authenticate: (token) => findApiToken(db, sha256Hex(token)),
    addTask: (task) => submit(side, task),
    listTasks: async (filter) => {
      const tasks = await listTasks(db, filter);
      const reasons = await findWaitReasons(db, tasks);
      return tasks.map((task) => summaryFacts(task, reasons.get(task.id) ?? null));
    },
    findTask: async (id) => {
      const task = await findTask(db, { id });
      if (!task) return null;
      const [attempts, usage, omitted, reasons] = await Promise.all([
        listAttempts(db, id),
        readUsage(db, id),
        countOmittedOutput(db, id),
        findWaitReasons(db, [task]),
      ]);
      return taskFacts(task, {
        attempts,
        usage,
        omitted,
        waitsBecause: reasons.get(id) ?? null,
        sealed: side.kinds.get(task.kind)?.options.sealed ?? [],
      });
    },
    readSteps: async (id, from) => (await readSteps(db, id, from)).map(stepView),
    readLogs: async (id, from) => (await readLogs(db, id, from)).map(logView),
    readOutputPieces: async (id, from) =>
      (await readOutputPieces(db, id, from)).map((piece) => ({ ...piece, at: piece.at.toISOString() })),
    readOutput: (id, from) => readOutput(db, id, from),
    terminateTask: async (id, by) => {
      if ((await requestTerminate(db, id)) === 'done') await audited('terminate', id, by);
    },
    pauseTask: async (id, by) => {
      const outcome = await pauseTask(db, id);
      if (outcome === 'done') await audited('pause', id, by);
      const task = await findTask(db, { id });
      return task?.status === TASK_STATUS.COMPLETE ? 'finished' : 'paused';
    },
    resumeTask: async (id, by) => {
      if ((await resumeTask(db, id)) === 'done') await audited('resume', id, by);
    },
    restartTask: async (id, by) => {
      const task = await findTask(db, { id });
      if (task?.status !== TASK_STATUS.COMPLETE) return 'not-finished';
      if ((await restartTask(db, id)) === 'done') await audited('restart', id, by);
      return 'restarted';
    },
    countTasks: async () => {
      const counts = await countByStatus(db);
      const names = Object.keys(TASK_STATUS) as TaskStatus[];
      return Object.fromEntries(names.map((name) => [name, counts[name] ?? 0])) as PingAnswer['tasks'];
    },
  };
}

async function submit(
  side: UserSide,
  task: SubmittedTask,
): Promise<{ id: Awaited<ReturnType<typeof addTask>>['id']; created: boolean }> {
  const { createdBy, clientJobId } = task;
  if (clientJobId === undefined) return addTask(side.db, { ...prepareTask(side, task), createdBy });
  const jobDigest = digestJob(side.digestKey, task);
  const added = await addTask(side.db, {
    ...prepareTask(side, task),
    createdBy,
    clientJobId: jobIdOf(createdBy, clientJobId),
    jobDigest,
  });
  const different = added.earlierDigest ? differingParts(added.earlierDigest, jobDigest) : [];
  if (added.created || different.length === 0) return added;
  throw new OperationalError('JOB_CONFLICT', {
    happened: `The clientJobId "${clientJobId}" is that of task ${added.id}, which was ordered with another ${different.join(', ')}`,
    remedy: 'Send that order again as it was, or this one under an id of its own; nothing was added',
  });
}
