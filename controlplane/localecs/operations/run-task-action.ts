import { createHash } from 'node:crypto';
import { AwsError } from '../protocol/aws-error.ts';
import type { LocalCluster, LocalDefinition, LocalTask } from '../local-state.ts';
import { findLocalCluster, findLocalDefinition, prune, type ActionContext } from './action-context.ts';
import { checkProviders, checkRequest, checkRunTask } from '../input/check-run-task.ts';
import { activeInstances } from '../placement/container-instances.ts';
import { parseInput } from '../input/parse-input.ts';
import { newTask } from './new-task.ts';
import { assignInstance } from '../placement/placement.ts';
import { rulesOf } from '../placement/placement-rules.ts';
import { RunTaskInput } from '../input/run-task-input.ts';
import { isOnFargate } from '../input/run-task-rules.ts';
import { needsOf } from '../placement/task-needs.ts';
import { taskView } from './task-view.ts';
import { whyOverridesUnsupported } from '../input/unsupported.ts';

interface Failure {
  readonly arn: string;
  readonly reason: string;
}

export async function runTaskAction(context: ActionContext, input: unknown): Promise<object> {
  await prune(context);
  // No `await` stands between this check and `begin`.
  refuseWhileClosing(context);
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

/** A task begun after close() has collected the tasks would outlive local ECS. */
export function refuseWhileClosing(context: Pick<ActionContext, 'isClosing'>): void {
  if (context.isClosing()) throw new AwsError('ServerException', 'Local ECS is ending.', 503);
}

/** The strategy of the cluster counts where a request says neither how nor by what it is launched. */
function withDefaultStrategy(given: RunTaskInput, cluster: LocalCluster): RunTaskInput {
  if (given.launchType !== undefined || given.capacityProviderStrategy.length > 0) return given;
  return { ...given, capacityProviderStrategy: cluster.defaultCapacityProviderStrategy };
}

/** A definition that an earlier version registered may ask for what no container here would get. */
export function refuseUnsupported(context: ActionContext, request: RunTaskInput, definition: LocalDefinition): void {
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
  // Local ECS has neither external nor managed instances.
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
      : assignInstance(context, cluster, needsOf(definition, request.overrides), rulesOf(definition, request));
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

function hashOf({ clientToken: _token, ...parameters }: RunTaskInput): string {
  return createHash('sha256').update(JSON.stringify(parameters)).digest('hex');
}
