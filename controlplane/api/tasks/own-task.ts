import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { isSealed } from '../../../shared/keys/sealing.ts';
import { hasRole, principalOf } from '../http/access.ts';
import type { Principal } from '../http/authentication.ts';
import { parseRequest } from '../http/parse-request.ts';
import type { TaskService, VisibleTasks } from './task-service.ts';
import type { TaskViewFacts, TaskSummary, TaskSummaryFacts, TaskView } from './task-views.ts';
import { whyOf } from './why/why.ts';

export const PathWithId = z.strictObject({ id: TaskId.describe('Number of the task.') });

type FindsTasks = Pick<TaskService, 'findTask'>;

/** Throws TASK_UNKNOWN also for a task that the caller may not see: a 403 would reveal that it exists. */
export async function findVisibleTask(
  tasks: FindsTasks,
  request: FastifyRequest,
): Promise<TaskViewFacts & { id: TaskId }> {
  const { id } = parseRequest(PathWithId, request.params, 'path');
  const task = await tasks.findTask(id);
  if (!task || !maySee(principalOf(request), task)) {
    throw new OperationalError('TASK_UNKNOWN', {
      happened: `There is no task ${id}`,
      remedy: 'See the tasks that there are with "wipctl tasks"',
    });
  }
  return { ...task, id };
}

type TaskOfSomebody = Pick<TaskViewFacts, 'createdBy' | 'group'>;

/** Returns whether a role sees all tasks. Viewers exist to watch; a submitter is a program, which needs only its own tasks. */
function seesEveryTask({ role }: Principal): boolean {
  return role !== 'submitter';
}

/** Returns the tasks that a principal sees; undefined: all. */
export function visibleTo(principal: Principal): VisibleTasks | undefined {
  return seesEveryTask(principal) ? undefined : { createdBy: principal.name, groups: principal.groups ?? [] };
}

export function maySee(principal: Principal, { createdBy, group }: TaskOfSomebody): boolean {
  return seesEveryTask(principal) || createdBy === principal.name || (principal.groups ?? []).includes(group);
}

/** Finds a task to be changed. Throws TASK_UNKNOWN, and FORBIDDEN for one that the principal sees and that is not its own. */
export async function findOwnTask(tasks: FindsTasks, request: FastifyRequest): Promise<TaskViewFacts & { id: TaskId }> {
  const task = await findVisibleTask(tasks, request);
  const principal = principalOf(request);
  if (hasRole(principal, 'operator') || task.createdBy === principal.name) return task;
  throw new OperationalError('FORBIDDEN', {
    happened: `Task ${task.id} belongs to ${task.createdBy ?? 'nobody'}, and the token of ${principal.name} may only change its own`,
    remedy: 'Ask its owner, or use a token with the role operator',
  });
}

/** Reads a task that was there a moment ago. Throws when it is gone: through a bug, or a prune within milliseconds. */
export async function readTaskView(tasks: FindsTasks, id: TaskId): Promise<TaskView> {
  const task = await tasks.findTask(id);
  if (!task) throw new Error(`task ${id} disappeared while it was being answered`);
  return viewOf(task);
}

export function viewOf(task: TaskViewFacts): TaskView {
  return { ...task, why: whyOf(task), options: withoutSealed(task.options) as TaskView['options'] };
}

export function summaryOf({ exitReason = null, terminatedBy, ...task }: TaskSummaryFacts): TaskSummary {
  return { ...task, why: whyOf({ ...task, exitDetail: exitReason, terminateRequest: { by: terminatedBy ?? null } }) };
}

/** Replaces sealed values: a reader has no use for them and should not copy them. */
function withoutSealed(value: unknown): unknown {
  if (typeof value === 'string') return isSealed(value) ? '[secure]' : value;
  if (Array.isArray(value)) return value.map(withoutSealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSealed(item)]));
}
