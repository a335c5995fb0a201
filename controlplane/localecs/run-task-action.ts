import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import type { LocalDefinition, LocalTask } from './local-state.ts';
import {
  arn,
  findLocalCluster,
  findLocalDefinition,
  instanceArn,
  prune,
  type ActionContext,
} from './action-context.ts';
import { freeResources, needsOf, whyNoRoom } from './placement.ts';
import { taskView } from './task-view.ts';

const Pair = z.object({ name: z.string(), value: z.string() });
const Overrides = z.looseObject({
  containerOverrides: z.array(z.looseObject({ name: z.string(), environment: z.array(Pair).default([]) })).default([]),
});
const RunTask = z.looseObject({
  cluster: z.string().optional(),
  taskDefinition: z.string(),
  count: z.int().min(1).max(10).default(1),
  clientToken: z.string().max(64).optional(),
  startedBy: z.string().max(128).optional(),
  launchType: z.string().default('EC2'),
  overrides: Overrides.default({ containerOverrides: [] }),
  tags: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
});
type RunTask = z.infer<typeof RunTask>;

/** The limit of the Amazon ECS API reference, TaskOverride. */
const MAX_OVERRIDES_CHARACTERS = 8_192;
/** The stopTimeout of a container that sets none, as in ECS. */
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

export async function runTaskAction(context: ActionContext, input: unknown): Promise<object> {
  await prune(context);
  // No `await` stands between this check and `begin`: a task started after close() has collected the tasks would outlive
  // local ECS.
  if (context.isClosing()) throw new AwsError('ServerException', 'Local ECS is ending.', 503);
  const request = RunTask.parse(input);
  const cluster = findLocalCluster(context, request.cluster);
  const requestHash = hashOf(request);
  const repeated = findRepeated(context, request.clientToken, requestHash);
  if (repeated) return { tasks: [taskView(context, repeated)], failures: [] };

  const definition = findLocalDefinition(context, request.taskDefinition);
  if (definition.status !== 'ACTIVE') throw new AwsError('ClientException', 'TaskDefinition is inactive');
  checkOverrides(request, definition);
  const failure =
    context.faults.placementFailure() ?? whyNoRoom(needsOf(definition), freeResources(context, cluster.name));
  if (failure) return { tasks: [], failures: [{ arn: instanceArn(context, cluster.name), reason: failure }] };

  const tasks = Array.from({ length: request.count }, () => newTask(context, cluster.name, definition, request));
  for (const task of tasks) context.state.tasks[task.arn] = task;
  const [first] = tasks;
  if (request.clientToken && first) {
    context.state.clientTokens[request.clientToken] = { requestHash, arn: first.arn, createdAt: first.createdAt };
  }
  tasks.forEach((task) => context.lifecycles.begin(task));
  // A lifecycle saves before it starts its container. The answer waits for a save too, so a task that a caller knows is
  // never forgotten.
  await context.save();
  return { tasks: tasks.map((task) => taskView(context, task)), failures: [] };
}

function findRepeated(context: ActionContext, token: string | undefined, requestHash: string): LocalTask | null {
  const earlier = token === undefined ? undefined : context.state.clientTokens[token];
  if (!earlier) return null;
  if (earlier.requestHash !== requestHash) {
    throw new AwsError('ConflictException', 'The clientToken was used with other parameters.', 400, {
      resourceIds: [earlier.arn],
    });
  }
  return context.state.tasks[earlier.arn] ?? null;
}

function checkOverrides(request: RunTask, definition: LocalDefinition): void {
  const { length } = JSON.stringify(request.overrides);
  if (length > MAX_OVERRIDES_CHARACTERS) {
    throw new AwsError(
      'InvalidParameterException',
      `Container Overrides length must be at most ${MAX_OVERRIDES_CHARACTERS}`,
    );
  }
  const names = new Set(definition.input.containerDefinitions.map((container) => container.name));
  const stranger = request.overrides.containerOverrides.find((override) => !names.has(override.name));
  if (stranger) {
    throw new AwsError(
      'InvalidParameterException',
      `Override for container named ${stranger.name} is not a container in the TaskDefinition.`,
    );
  }
}

function newTask(context: ActionContext, cluster: string, definition: LocalDefinition, request: RunTask): LocalTask {
  const id = context.newId();
  const [container] = definition.input.containerDefinitions;
  if (!container) throw new Error('a definition has at least one container');
  const override = request.overrides.containerOverrides.find((each) => each.name === container.name);
  const pairs = [...(container.environment ?? []), ...(override?.environment ?? [])];
  return {
    id,
    arn: arn(context, `task/${cluster}/${id}`),
    cluster,
    definitionArn: definition.arn,
    family: definition.family,
    container: { name: container.name, image: container.image ?? null, exitCode: null, reason: null },
    environment: Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
    overrides: request.overrides,
    startedBy: request.startedBy ?? null,
    launchType: request.launchType,
    tags: request.tags,
    ...needsOf(definition),
    stopTimeoutSeconds: container.stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    stopCode: null,
    stoppedReason: null,
    createdAt: context.clock.now().toISOString(),
    startedAt: null,
    stoppingAt: null,
    stoppedAt: null,
  };
}

function hashOf({ clientToken: _token, ...parameters }: RunTask): string {
  return createHash('sha256').update(JSON.stringify(parameters)).digest('hex');
}
