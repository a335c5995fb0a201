import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { arnOf, findLocalCluster, findLocalTask, prune, type ActionContext } from './action-context.ts';
import { findInstance, type ContainerInstance } from '../placement/container-instances.ts';
import type { LocalCluster } from '../local-state.ts';
import { parseInput } from '../input/parse-input.ts';
import { PAGE_FIELDS, pageOf } from './paging.ts';
import { taskView } from './task-view.ts';

const Stop = z.looseObject({
  cluster: z.string().optional(),
  task: z.string(),
  reason: z.string().max(255).optional(),
});
const Describe = z.looseObject({
  cluster: z.string().optional(),
  tasks: z.array(z.string()).min(1).max(100),
  include: z.array(z.enum(['TAGS'])).default([]),
});
const List = z.looseObject({
  cluster: z.string().optional(),
  family: z.string().optional(),
  startedBy: z.string().optional(),
  desiredStatus: z.enum(['RUNNING', 'PENDING', 'STOPPED']).default('RUNNING'),
  containerInstance: z.string().optional(),
  launchType: z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES']).optional(),
  serviceName: z.string().optional(),
  ...PAGE_FIELDS,
});
const Protect = z.looseObject({ cluster: z.string(), tasks: z.array(z.string()).max(100).default([]) });
const Execute = z.looseObject({
  cluster: z.string().optional(),
  task: z.string(),
  command: z.string(),
  interactive: z.boolean(),
});

export async function stopTaskAction(context: ActionContext, input: unknown): Promise<object> {
  const request = parseInput(Stop, input);
  const task = findLocalTask(context, findLocalCluster(context, request.cluster), request.task);
  if (!task) throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
  if (task.lastStatus !== 'STOPPED') {
    context.lifecycles.stop(task, { stopCode: 'UserInitiated', reason: request.reason ?? 'Task stopped by user' });
    await context.save();
  }
  return { task: taskView(context, task) };
}

export async function describeTasksAction(context: ActionContext, input: unknown): Promise<object> {
  await prune(context);
  const request = parseInput(Describe, input);
  const cluster = findLocalCluster(context, request.cluster);
  const nowMs = context.clock.now().getTime();
  const found = request.tasks.map((reference) => {
    const task = findLocalTask(context, cluster, reference);
    const isHidden = task !== null && nowMs - Date.parse(task.createdAt) < context.faults.missingWindowMs();
    return { reference, task: isHidden ? null : task };
  });
  return {
    tasks: found.flatMap(({ task }) => (task ? [taskView(context, task, request.include.includes('TAGS'))] : [])),
    failures: found.flatMap(({ task, reference }) =>
      task ? [] : [{ arn: arnOf(context, reference, `task/${cluster.name}`), reason: 'MISSING' }],
    ),
  };
}

export async function listTasksAction(context: ActionContext, input: unknown): Promise<object> {
  await prune(context);
  const request = parseInput(List, input);
  const cluster = findLocalCluster(context, request.cluster);
  const instance = checkFilters(context, cluster, request);
  // PENDING is never a desired status: ECS answers an empty list.
  const found = Object.values(context.state.tasks).filter(
    (task) =>
      task.cluster === cluster.name &&
      task.desiredStatus === request.desiredStatus &&
      (request.startedBy === undefined || task.startedBy === request.startedBy) &&
      (request.family === undefined || task.family === request.family) &&
      (request.launchType === undefined || task.launchType === request.launchType) &&
      (instance === null || task.containerInstance === instance.arn),
  );
  const { family, startedBy, desiredStatus, launchType } = request;
  const { items, rest } = pageOf(found, request, {
    action: 'ListTasks',
    filter: [cluster.name, family, startedBy, desiredStatus, launchType, instance?.arn],
    keyOf: (task) => task.arn,
  });
  return { taskArns: items.map((task) => task.arn), ...rest };
}

/** Returns the container instance that the list is of; null when it is of all. */
function checkFilters(
  context: ActionContext,
  cluster: LocalCluster,
  request: z.infer<typeof List>,
): ContainerInstance | null {
  const others = [request.family, request.containerInstance, request.serviceName];
  if (request.startedBy !== undefined && others.some((filter) => filter !== undefined)) {
    throw new AwsError('InvalidParameterException', 'startedBy must be the only filter.');
  }
  // Local ECS has no services.
  if (request.serviceName !== undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.');
  if (request.containerInstance === undefined) return null;
  const instance = findInstance(context, cluster, request.containerInstance);
  if (!instance) throw new AwsError('InvalidParameterException', 'The referenced container instance was not found.');
  return instance;
}

/** Sessions of ECS Exec need the SSM agent, which containers here have not: the errors on the way there are ECS's. */
export function executeCommandAction(context: ActionContext, input: unknown): object {
  const request = parseInput(Execute, input);
  const task = findLocalTask(context, findLocalCluster(context, request.cluster), request.task);
  if (!task) throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
  if (!task.enableExecuteCommand) {
    throw new AwsError(
      'InvalidParameterException',
      'The execute command failed because execute command was not enabled when the task was run or the execute ' +
        'command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.',
    );
  }
  throw new AwsError(
    'TargetNotConnectedException',
    'The execute command failed due to an internal error. Try again later.',
  );
}

/** Only tasks of services are protected from the scheduler, and there are none here: ECS says so of each other one. */
export function taskProtectionAction(context: ActionContext, input: unknown): object {
  const request = parseInput(Protect, input);
  const cluster = findLocalCluster(context, request.cluster);
  const failures = request.tasks.map((reference) => {
    const task = findLocalTask(context, cluster, reference);
    const arn = task?.arn ?? arnOf(context, reference, `task/${cluster.name}`);
    return task === null
      ? { arn, reason: 'MISSING' }
      : { arn, reason: 'TASK_NOT_VALID', detail: 'The task is not part of a service.' };
  });
  return { protectedTasks: [], failures };
}
