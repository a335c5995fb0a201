import { createHash } from 'node:crypto';
import { AwsError } from './aws-error.ts';
import type { LocalCluster, LocalDefinition, LocalTask } from './local-state.ts';
import { arn, findLocalCluster, findLocalDefinition, prune, type ActionContext } from './action-context.ts';
import { checkProviders, checkRequest, checkRunTask } from './check-run-task.ts';
import { activeInstances } from './container-instances.ts';
import { parseInput } from './parse-input.ts';
import { needsOf, assignInstance } from './placement.ts';
import { RunTaskInput } from './run-task-input.ts';
import { isOnFargate } from './run-task-rules.ts';
import { checkTagCount } from './tags-input.ts';
import { taskView } from './task-view.ts';
import { whyOverridesUnsupported } from './unsupported.ts';

interface Failure {
  readonly arn: string;
  readonly reason: string;
}

/** The stopTimeout of a container that sets none, as in ECS. */
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

export async function runTaskAction(context: ActionContext, input: unknown): Promise<object> {
  await prune(context);
  // No `await` stands between this check and `begin`: a task begun after close() has collected the tasks would outlive
  // local ECS.
  if (context.isClosing()) throw new AwsError('ServerException', 'Local ECS is ending.', 503);
  const given = parseInput(RunTaskInput, input);
  const cluster = findLocalCluster(context, given.cluster);
  const request = withDefaultStrategy(given, cluster);
  checkRequest(request);
  checkProviders(request, cluster);
  const requestHash = hashOf(given);
  const repeated = findRepeated(context, request.clientToken, requestHash);
  if (repeated) return { tasks: repeated.map((task) => taskView(context, task)), failures: [] };

  const definition = findLocalDefinition(context, request.taskDefinition);
  checkRunTask(request, definition);
  refuseUnsupported(context, request, definition);
  const { tasks, failures } = assignTasks(context, cluster, definition, request);
  if (request.clientToken !== undefined && tasks.length > 0) {
    const createdAt = context.clock.now().toISOString();
    const arns = tasks.map((task) => task.arn);
    context.state.clientTokens[request.clientToken] = { requestHash, arns, createdAt };
  }
  tasks.forEach((task) => context.lifecycles.begin(task));
  // A lifecycle saves before it starts its container. The answer waits for a save too, so a task that a caller knows is
  // never forgotten.
  await context.save();
  return { tasks: tasks.map((task) => taskView(context, task)), failures };
}

/** The strategy of the cluster counts where a request says neither how nor by what it is launched. */
function withDefaultStrategy(given: RunTaskInput, cluster: LocalCluster): RunTaskInput {
  if (given.launchType !== undefined || given.capacityProviderStrategy.length > 0) return given;
  return { ...given, capacityProviderStrategy: cluster.defaultCapacityProviderStrategy };
}

/** A definition that an earlier version registered may ask for what no container here would get. */
function refuseUnsupported(context: ActionContext, request: RunTaskInput, definition: LocalDefinition): void {
  const refused = context.whyRefused(definition.input);
  if (refused !== null) throw new AwsError('ClientException', refused);
  const overrides = whyOverridesUnsupported(request);
  if (overrides !== null) throw new AwsError('InvalidParameterException', overrides);
}

/** Places the tasks one by one: each takes resources that the next one cannot have. */
function assignTasks(
  context: ActionContext,
  cluster: LocalCluster,
  definition: LocalDefinition,
  request: RunTaskInput,
): { readonly tasks: readonly LocalTask[]; readonly failures: readonly Failure[] } {
  const instances = activeInstances(context, cluster);
  // There are no external and no managed instances here.
  const hasMachines = instances.length > 0 && (request.launchType ?? 'EC2') === 'EC2';
  if (!isOnFargate(request) && !hasMachines) {
    throw new AwsError('InvalidParameterException', 'No Container Instances were found in your cluster.');
  }
  const tasks: LocalTask[] = [];
  for (let count = 0; count < request.count; count += 1) {
    const refused = context.faults.placementFailure();
    if (refused) return { tasks, failures: [{ arn: instances[0]?.arn ?? '', reason: refused }] };
    const placed = isOnFargate(request)
      ? null
      : assignInstance(context, cluster, needsOf(definition, request.overrides));
    if (placed?.kind === 'failed') return { tasks, failures: placed.failures };
    const task = newTask(context, { cluster, definition, request, instance: placed?.instance.arn ?? null });
    context.state.tasks[task.arn] = task;
    tasks.push(task);
  }
  return { tasks, failures: [] };
}

function findRepeated(
  context: ActionContext,
  token: string | undefined,
  requestHash: string,
): readonly LocalTask[] | null {
  const earlier = token === undefined ? undefined : context.state.clientTokens[token];
  if (!earlier) return null;
  if (earlier.requestHash !== requestHash) {
    throw new AwsError('ConflictException', 'The clientToken was used with other parameters.', 400, {
      resourceIds: earlier.arns,
    });
  }
  const tasks = earlier.arns.flatMap((each) => context.state.tasks[each] ?? []);
  return tasks.length > 0 ? tasks : null;
}

interface NewTask {
  readonly cluster: LocalCluster;
  readonly definition: LocalDefinition;
  readonly request: RunTaskInput;
  /** ARN of its container instance; null on Fargate. */
  readonly instance: string | null;
}

function newTask(context: ActionContext, { cluster, definition, request, instance }: NewTask): LocalTask {
  const id = context.newId();
  const [container] = definition.input.containerDefinitions;
  if (container?.name === undefined) throw new Error('a registered definition has a container with a name');
  const override = request.overrides.containerOverrides.find((each) => each.name === container.name);
  const pairs = [...(container.environment ?? []), ...(override?.environment ?? [])];
  const { subnets: [subnet] = [], assignPublicIp } = request.networkConfiguration?.awsvpcConfiguration ?? {};
  return {
    id,
    arn: arn(context, `task/${cluster.name}/${id}`),
    cluster: cluster.name,
    definitionArn: definition.arn,
    family: definition.family,
    container: { name: container.name, image: container.image ?? null, exitCode: null, reason: null },
    environment: Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
    overrides: request.overrides,
    startedBy: request.startedBy ?? null,
    launchType: isOnFargate(request) ? 'FARGATE' : (request.launchType ?? 'EC2'),
    group: request.group ?? null,
    capacityProviderName: request.capacityProviderStrategy[0]?.capacityProvider ?? null,
    enableExecuteCommand: request.enableExecuteCommand,
    containerInstance: instance,
    isUnprovisioned: false,
    attachment:
      subnet === undefined ? null : attachmentOf(context, id, { subnet, isPublic: assignPublicIp === 'ENABLED' }),
    tags: tagsOf(cluster, definition, request),
    ...needsOf(definition, request.overrides),
    stopTimeoutSeconds: container.stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS,
    version: 1,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    stopCode: null,
    stoppedReason: null,
    createdAt: context.clock.now().toISOString(),
    pullStartedAt: null,
    pullStoppedAt: null,
    startedAt: null,
    stoppingAt: null,
    executionStoppedAt: null,
    stoppedAt: null,
  };
}

/** A tag of the request counts instead of one that the definition hands on. */
function tagsOf(cluster: LocalCluster, definition: LocalDefinition, request: RunTaskInput): LocalTask['tags'] {
  const managed = request.enableECSManagedTags ? [{ key: 'aws:ecs:clusterName', value: cluster.name }] : [];
  const handedOn = request.propagateTags === 'TASK_DEFINITION' ? definition.tags : [];
  const own = new Set(request.tags.map(({ key }) => key));
  const all = [...managed, ...handedOn.filter(({ key }) => !own.has(key)), ...request.tags];
  checkTagCount(all);
  return all;
}

function attachmentOf(
  context: ActionContext,
  taskId: string,
  of: { readonly subnet: string; readonly isPublic: boolean },
) {
  return { id: context.newId(), networkInterface: `eni-${taskId.slice(0, 17)}`, ...of };
}

function hashOf({ clientToken: _token, ...parameters }: RunTaskInput): string {
  return createHash('sha256').update(JSON.stringify(parameters)).digest('hex');
}
