import { AwsError } from '../protocol/aws-error.ts';
import { arnOf, findLocalCluster, findLocalDefinition, prune, type ActionContext } from './action-context.ts';
import { checkRequest, checkRunTask } from '../input/check-run-task.ts';
import { findInstance } from '../placement/container-instances.ts';
import type { LocalCluster, LocalDefinition, LocalTask } from '../local-state.ts';
import { newTask } from './new-task.ts';
import { parseInput } from '../input/parse-input.ts';
import { whyNotOn } from '../placement/placement.ts';
import { Texts } from '../input/request-fields.ts';
import { refuseUnsupported, refuseWhileClosing } from './run-task-action.ts';
import { RunTaskInput } from '../input/run-task-input.ts';
import { needsOf } from '../placement/task-needs.ts';
import { taskView } from './task-view.ts';

const StartTaskInput = RunTaskInput.extend({ containerInstances: Texts });

/** The API reference takes ten at once. */
const MAX_INSTANCES = 10;

/** What RunTask has beside StartTask: who calls this one has chosen the machines, and nothing else places the task. */
const NOT_PLACED = {
  launchType: 'EC2',
  count: 1,
  clientToken: undefined,
  platformVersion: undefined,
} as const;

/** Starts a task on each of the named container instances. */
export async function startTaskAction(context: ActionContext, input: unknown): Promise<object> {
  await prune(context);
  // No `await` stands between this check and `begin`.
  refuseWhileClosing(context);
  const { containerInstances, ...given } = parseInput(StartTaskInput, input);
  if (containerInstances.length === 0) throw refused('Container instances cannot be empty.');
  if (containerInstances.length > MAX_INSTANCES) {
    throw refused(`containerInstances can have at most ${MAX_INSTANCES} items.`);
  }
  const request: RunTaskInput = {
    ...given,
    ...NOT_PLACED,
    capacityProviderStrategy: [],
    placementConstraints: [],
    placementStrategy: [],
  };
  const cluster = findLocalCluster(context, request.cluster);
  checkRequest(request);
  const definition = findLocalDefinition(context, request.taskDefinition);
  checkRunTask(request, definition);
  refuseUnsupported(context, request, definition);
  const started = containerInstances.map((reference) => startOn(context, reference, { cluster, definition, request }));
  const tasks = started.filter((each): each is LocalTask => 'lastStatus' in each);
  tasks.forEach((task) => context.lifecycles.begin(task));
  await context.save();
  return {
    tasks: tasks.map((task) => taskView(context, task)),
    failures: started.filter((each) => 'whyNot' in each).map(({ arn, whyNot: reason }) => ({ arn, reason })),
  };
}

interface NotStarted {
  readonly arn: string;
  readonly whyNot: string;
}

function startOn(
  context: ActionContext,
  reference: string,
  start: { readonly cluster: LocalCluster; readonly definition: LocalDefinition; readonly request: RunTaskInput },
): LocalTask | NotStarted {
  const { cluster, definition, request } = start;
  const instance = findInstance(context, cluster, reference);
  if (!instance) return { arn: arnOf(context, reference, `container-instance/${cluster.name}`), whyNot: 'MISSING' };
  const needs = needsOf(definition, request.overrides);
  const whyNot = whyNotOn(context, instance, { needs, rules: { constraints: [], strategy: [], group: '' } });
  if (whyNot !== null) return { arn: instance.arn, whyNot };
  const task = newTask(context, { ...start, instance: instance.arn });
  context.state.tasks[task.arn] = task;
  return task;
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
