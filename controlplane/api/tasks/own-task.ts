import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { isSealed } from '../../../shared/support/sealing.ts';
import { hasRole, principalOf } from '../http/access.ts';
import type { Principal } from '../http/authentication.ts';
import { parseRequest } from '../http/parse-request.ts';
import type { TaskService } from './task-service.ts';
import type { TaskViewFacts, TaskSummary, TaskSummaryFacts, TaskView } from './task-views.ts';
import { whyOf } from './why.ts';

const PathWithId = z.strictObject({ id: TaskId });

type FindsTasks = Pick<TaskService, 'findTask'>;

/** Below operator, tasks of others look as if they did not exist: a 403 would say that they do. */
export async function findOwnTask(tasks: FindsTasks, request: FastifyRequest): Promise<TaskViewFacts & { id: TaskId }> {
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

export function seesEveryTask(principal: Principal): boolean {
  return hasRole(principal, 'operator');
}

export function maySee(principal: Principal, task: { readonly createdBy: string | null }): boolean {
  return seesEveryTask(principal) || task.createdBy === principal.name;
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

export function summaryOf(task: TaskSummaryFacts): TaskSummary {
  return { ...task, why: whyOf(task) };
}

/** Hides sealed values that got this far: a reader has no use for them and should not copy them. */
function withoutSealed(value: unknown): unknown {
  if (typeof value === 'string') return isSealed(value) ? '[secure]' : value;
  if (Array.isArray(value)) return value.map(withoutSealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSealed(item)]));
}
