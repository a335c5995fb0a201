import {
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type ContainerInstance,
  type ListTasksCommandInput,
  type RegisterTaskDefinitionCommandInput,
  type RunTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs';
import type { EcsLook } from '../containers/container.ts';
import type { RunTaskRequest } from '../containers/launch-ledger.ts';
import type { EcsCluster } from './cluster.ts';
import { createDescribeBatch } from './describe-batch.ts';
import { createEcsCalls, type EcsCalls, type EcsCallsOptions } from './ecs-calls.ts';
import type { ContainerEcs, RunTaskAnswer } from './container-ecs.ts';
import { EcsCallError } from './ecs-error.ts';
import { toLook } from './to-look.ts';

export interface EcsClientOptions extends Omit<EcsCallsOptions, 'isFargate'> {
  readonly cluster: EcsCluster;
  /** Private address of an EC2 container instance, where a bridge network needs it. */
  readonly hostOf?: (containerInstanceArn: string) => string | null;
}

/** The gateway to one cluster. Errors are EcsCallError, except where an answer can say them. */
export interface EcsClient extends ContainerEcs {
  readonly cluster: EcsCluster;
  listTasks(filter: { readonly desiredStatus: 'RUNNING' | 'STOPPED' }): Promise<string[]>;
  describeTasks(arns: readonly string[]): Promise<Task[]>;
  registerTaskDefinition(definition: RegisterTaskDefinitionCommandInput): Promise<{ arn: string; revision: number }>;
  describeContainerInstances(arns: readonly string[]): Promise<ContainerInstance[]>;
  /** Whether the cluster is there and may be used; throws EcsCallError otherwise. */
  check(): Promise<{ status: string }>;
  /** Tokens left per quota bucket. */
  tokens(): Readonly<Record<string, number>>;
  close(): void;
}

// The slowest ECS calls we know of take a few seconds; a connection that hangs must not hold a launch for longer.
const REQUEST_TIMEOUT_MS = 20_000;
const CONNECTION_TIMEOUT_MS = 3_000;
/** ECS cuts longer reasons off (API reference, StopTask: the reason may be 255 characters). */
const STOP_REASON_CHARACTERS = 255;
// 50 pages of 100: more tasks than one cluster of the default quotas runs or shows as stopped.
const MAX_PAGES = 50;

export function openEcsClient(options: EcsClientOptions): EcsClient {
  const { cluster, clock } = options;
  const sdk = openSdk(cluster);
  const calls = createEcsCalls({ ...options, isFargate: cluster.launch.type === 'fargate' });
  const hostOf = options.hostOf ?? (() => null);
  const list = (filter: Partial<ListTasksCommandInput>): Promise<string[]> =>
    listAll(sdk, calls, { cluster: cluster.cluster, ...filter });
  const describeTasks = async (arns: readonly string[]): Promise<Task[]> => {
    const input = { cluster: cluster.cluster, tasks: [...arns] };
    const answer = await calls.call('DescribeTasks', () => sdk.send(new DescribeTasksCommand(input)));
    return answer.tasks ?? [];
  };
  const batch = createDescribeBatch({
    clock,
    ask: (arns) => lookAt(arns, describeTasks, () => clock.now().toISOString(), hostOf),
  });

  return {
    cluster,
    clusterName: cluster.name,
    runTask: (request) => runTask(sdk, calls, request),
    describe: (arn, freshness = 'shared') => batch.describe(arn, freshness),
    describeTasks,
    listTasks: list,
    findStartedBy: (startedBy) => findStartedBy(startedBy, list, describeTasks),
    async stopTask(arn, reason) {
      batch.forget(arn);
      await stopTask(sdk, calls, {
        cluster: cluster.cluster,
        task: arn,
        reason: reason.slice(0, STOP_REASON_CHARACTERS),
      });
    },
    async registerTaskDefinition(definition) {
      const answer = await calls.call('RegisterTaskDefinition', () =>
        sdk.send(new RegisterTaskDefinitionCommand(definition)),
      );
      const { taskDefinitionArn: arn, revision } = answer.taskDefinition ?? {};
      if (!arn || revision === undefined) throw unreadable('RegisterTaskDefinition');
      return { arn, revision };
    },
    async describeContainerInstances(arns) {
      const input = { cluster: cluster.cluster, containerInstances: [...arns] };
      const answer = await calls.call('DescribeContainerInstances', () =>
        sdk.send(new DescribeContainerInstancesCommand(input)),
      );
      return answer.containerInstances ?? [];
    },
    check: () => checkCluster(sdk, calls, cluster.cluster),
    tokens: () => calls.tokens(),
    close: () => sdk.destroy(),
  };
}

function openSdk({ region, endpoint, accessKeyId, secretAccessKey }: EcsCluster): ECSClient {
  return new ECSClient({
    region,
    ...(endpoint ? { endpoint } : {}),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    // Rates and retries are ours: several nodes share one quota, which no single client can know.
    maxAttempts: 1,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, connectionTimeout: CONNECTION_TIMEOUT_MS },
  });
}

async function runTask(sdk: ECSClient, calls: EcsCalls, request: RunTaskRequest): Promise<RunTaskAnswer> {
  try {
    // The ledger stored the SDK's own input as plain JSON; it is sent as it is.
    const answer = await calls.call('RunTask', () =>
      sdk.send(new RunTaskCommand(request as unknown as RunTaskCommandInput)),
    );
    const arn = answer.tasks?.[0]?.taskArn;
    if (arn) return { kind: 'started', arn };
    const failure = answer.failures?.[0];
    return { kind: 'failed', reason: failure?.reason ?? 'UNKNOWN', detail: failure?.detail ?? '' };
  } catch (error) {
    if (!(error instanceof EcsCallError)) throw error;
    if (error.class === 'conflict') return { kind: 'conflict', arns: error.resourceIds, sentence: error.said };
    return { kind: 'error', error: error.class, name: error.awsName, sentence: error.said };
  }
}

/** A task that has stopped, or that ECS does not know (any more), needs no stopping. */
async function stopTask(
  sdk: ECSClient,
  calls: EcsCalls,
  input: { cluster: string; task: string; reason: string },
): Promise<void> {
  try {
    await calls.call('StopTask', () => sdk.send(new StopTaskCommand(input)));
  } catch (error) {
    // ECS has no code of its own for this: InvalidParameterException "The referenced task was not found."
    const isUnknownTask =
      error instanceof EcsCallError && error.class === 'invalid' && /task was not found/i.test(error.said);
    if (!isUnknownTask) throw error;
  }
}

async function lookAt(
  arns: readonly string[],
  describeTasks: (arns: readonly string[]) => Promise<Task[]>,
  now: () => string,
  hostOf: (containerInstanceArn: string) => string | null,
): Promise<Map<string, EcsLook>> {
  try {
    const tasks = await describeTasks(arns);
    return new Map(tasks.map((task) => [task.taskArn ?? '', toLook(task, now(), hostOf)]));
  } catch (error) {
    if (!(error instanceof EcsCallError)) throw error;
    const look: EcsLook = { kind: 'unknown', at: now(), error: error.class, sentence: error.message };
    return new Map(arns.map((arn) => [arn, look]));
  }
}

async function listAll(sdk: ECSClient, calls: EcsCalls, input: ListTasksCommandInput): Promise<string[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const request = { ...input, ...(nextToken ? { nextToken } : {}) };
    const answer = await calls.call('ListTasks', () => sdk.send(new ListTasksCommand(request)));
    arns.push(...(answer.taskArns ?? []));
    nextToken = answer.nextToken;
    if (!nextToken) break;
  }
  return arns;
}

async function findStartedBy(
  startedBy: string,
  list: (filter: Partial<ListTasksCommandInput>) => Promise<string[]>,
  describeTasks: (arns: readonly string[]) => Promise<Task[]>,
): Promise<string | null> {
  // `startedBy` must be the only filter, and then only tasks meant to run are listed: the stopped ones are read through.
  const [running] = await list({ startedBy });
  if (running) return running;
  const stopped = await list({ desiredStatus: 'STOPPED' });
  for (let from = 0; from < stopped.length; from += 100) {
    const tasks = await describeTasks(stopped.slice(from, from + 100));
    const found = tasks.find((task) => task.startedBy === startedBy)?.taskArn;
    if (found) return found;
  }
  return null;
}

async function checkCluster(sdk: ECSClient, calls: EcsCalls, name: string): Promise<{ status: string }> {
  const answer = await calls.call('DescribeClusters', () =>
    sdk.send(new DescribeClustersCommand({ clusters: [name] })),
  );
  const status = answer.clusters?.[0]?.status;
  if (status !== 'ACTIVE') {
    throw new EcsCallError(
      'DescribeClusters',
      'cluster-missing',
      new Error(`the cluster "${name}" is ${status ?? 'not there'}`),
    );
  }
  return { status };
}

function unreadable(action: string): EcsCallError {
  return new EcsCallError(action, 'unavailable', new Error('the answer holds no ARN'));
}
