import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import { findLocalCluster, findLocalTask, prune, type ActionContext } from './action-context.ts';
import { taskView } from './task-view.ts';

const Stop = z.looseObject({
  cluster: z.string().optional(),
  task: z.string(),
  reason: z.string().max(255).optional(),
});
const Describe = z.looseObject({ cluster: z.string().optional(), tasks: z.array(z.string()).min(1).max(100) });
const List = z.looseObject({
  cluster: z.string().optional(),
  family: z.string().optional(),
  startedBy: z.string().optional(),
  desiredStatus: z.enum(['RUNNING', 'PENDING', 'STOPPED']).default('RUNNING'),
  maxResults: z.int().min(1).max(100).default(100),
  nextToken: z.string().optional(),
});
const Tag = z.looseObject({
  resourceArn: z.string(),
  tags: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
});

export async function stopTaskAction(context: ActionContext, input: unknown): Promise<object> {
  const request = Stop.parse(input);
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
  const request = Describe.parse(input);
  const cluster = findLocalCluster(context, request.cluster);
  const nowMs = context.clock.now().getTime();
  const found = request.tasks.map((reference) => {
    const task = findLocalTask(context, cluster, reference);
    const isHidden = task !== null && nowMs - Date.parse(task.createdAt) < context.faults.missingWindowMs();
    return { reference, task: isHidden ? null : task };
  });
  return {
    tasks: found.flatMap(({ task }) => (task ? [taskView(context, task)] : [])),
    failures: found.flatMap(({ task, reference }) => (task ? [] : [{ arn: reference, reason: 'MISSING' }])),
  };
}

export async function listTasksAction(context: ActionContext, input: unknown): Promise<object> {
  await prune(context);
  const request = List.parse(input);
  const cluster = findLocalCluster(context, request.cluster);
  if (request.startedBy !== undefined && request.family !== undefined) {
    throw new AwsError('InvalidParameterException', 'startedBy must be the only filter.');
  }
  // PENDING is never a desired status: ECS answers an empty list.
  const found = Object.values(context.state.tasks).filter(
    (task) =>
      task.cluster === cluster.name &&
      task.desiredStatus === request.desiredStatus &&
      (request.startedBy === undefined || task.startedBy === request.startedBy) &&
      (request.family === undefined || task.family === request.family),
  );
  const from = Number(request.nextToken ?? 0);
  const to = from + request.maxResults;
  return {
    taskArns: found.slice(from, to).map((task) => task.arn),
    ...(to < found.length ? { nextToken: String(to) } : {}),
  };
}

export async function tagResourceAction(context: ActionContext, input: unknown): Promise<object> {
  const { resourceArn, tags } = Tag.parse(input);
  const resource = findTagged(context, resourceArn);
  const added = new Set(tags.map((tag) => tag.key));
  resource.tags = [...resource.tags.filter((tag) => !added.has(tag.key)), ...tags];
  await context.save();
  return {};
}

export function listTagsForResourceAction(context: ActionContext, input: unknown): object {
  return { tags: findTagged(context, Tag.parse(input).resourceArn).tags };
}

function findTagged(context: ActionContext, resourceArn: string): { tags: { key: string; value: string }[] } {
  const { tasks, definitions, clusters } = context.state;
  const found = tasks[resourceArn] ?? definitions[resourceArn] ?? clusters[resourceArn.replace(/^.*:cluster\//, '')];
  if (!found) throw new AwsError('InvalidParameterException', 'The specified resource was not found.');
  return found;
}
