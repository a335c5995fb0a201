import type { EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  ECSClient,
  type ContainerInstance,
  type RegisterTaskDefinitionCommandInput,
  type Task,
} from '@aws-sdk/client-ecs';
import type { Clock } from '../../../shared/time/clock.ts';
import type { EcsSnapshot } from '../../containers/container.ts';
import { launchTraits, type EcsCluster } from '../config/cluster.ts';
import type { EcsTaskApi } from './ecs-task-api.ts';
import { deleteDefinitions, deregisterDefinition, registerDefinition } from '../definition/definition-calls.ts';
import { createDescribeBatch } from './describe-batch.ts';
import { createEcsCalls, type EcsCalls, type EcsCallsOptions, type QuotaStates } from './ecs-calls.ts';
import { EcsCallError } from './ecs-error.ts';
import { createEventQueue, type NamedQueue } from './event-queue.ts';
import { createLogTail, type LogTail } from './log-tail.ts';
import { createContainerHosts, type ContainerHosts } from '../launch/container-hosts.ts';
import { createEc2Addresses } from './ec2-addresses.ts';
import { createRoleCredentials, storedCredentials, type AwsCredentials } from './credentials.ts';
import { NO_PROXY, type NodeProxy } from './proxy.ts';
import type { ClusterFinding, ExaminedParts, LaunchedThere } from '../examine/cluster-finding.ts';
import { examineCluster } from '../examine/examine-cluster.ts';
import { sdkOptions, type SdkParts } from './sdk-options.ts';
import { askAccount, assumeRole } from './sts.ts';
import { TaskCalls } from './task-calls.ts';
import { toEcsSnapshot } from './to-ecs-snapshot.ts';

interface EcsClientOptions extends Omit<EcsCallsOptions, 'isFargate'> {
  readonly cluster: EcsCluster;
  readonly proxy?: NodeProxy;
  /** Name of the session in which a role is used. */
  readonly sessionName?: () => string;
}

/** All calls to one cluster. They throw EcsCallError, unless their answer can express the error. */
export interface EcsClient extends EcsTaskApi {
  readonly cluster: EcsCluster;
  listTasks(filter: { readonly desiredStatus: 'RUNNING' | 'STOPPED' }): Promise<string[]>;
  describeTasks(arns: readonly string[]): Promise<Task[]>;
  /** Lists every task of the cluster that is meant to run. Throws when ECS described only a part of them. */
  listRunning(): Promise<{ readonly arn: string; readonly startedBy: string }[]>;
  registerTaskDefinition(definition: RegisterTaskDefinitionCommandInput): Promise<{ arn: string; revision: number }>;
  /** Succeeds for a revision that ECS does not know any more. */
  deregisterTaskDefinition(arn: string): Promise<void>;
  /** Deletes revisions that are deregistered, ten at most; returns those that are gone. */
  deleteTaskDefinitions(arns: readonly string[]): Promise<{ readonly deleted: readonly string[] }>;
  describeContainerInstances(arns: readonly string[]): Promise<ContainerInstance[]>;
  /** Returns the status of the cluster; throws EcsCallError when it does not exist or may not be used. */
  check(): Promise<{ status: string; arn: string | null; instances: number }>;
  /** Returns the account of the credentials, as STS knows it; null when the cluster has no STS. */
  findAccount(): Promise<string | null>;
  readonly logTail: LogTail;
  /** The queue with the events of the cluster; null when the row names none. */
  readonly events: NamedQueue | null;
  /** Checks what launches need of AWS, with harmless calls. */
  examine(launched: LaunchedThere): Promise<readonly ClusterFinding[]>;
  /** Returns the state of each quota, for metrics. */
  readQuotas(): QuotaStates;
  close(): void;
}

export function openEcsClient(options: EcsClientOptions): EcsClient {
  const { cluster, clock, log } = options;
  const parts = { cluster, credentials: credentialsOf(options), proxy: options.proxy ?? NO_PROXY };
  const queueUrl = cluster.connection?.eventsQueue;
  const sdk = new ECSClient(sdkOptions('ecs', parts));
  const calls = createEcsCalls({ ...options, isFargate: launchTraits(cluster.launch).kind === 'fargate' });
  const tasks = new TaskCalls(sdk, calls, cluster.cluster);
  const kind = cluster.connection?.address ?? 'private';
  const addresses = createEc2Addresses(parts, calls, kind);
  const describeContainerInstances = (arns: readonly string[]): Promise<ContainerInstance[]> =>
    describeInstances(sdk, calls, cluster.cluster, arns);
  const hosts = createContainerHosts({ kind, describeContainerInstances, addresses, log });
  const batch = createDescribeBatch({ clock, ask: (arns) => describeSnapshots(arns, tasks, hosts, clock) });

  return {
    cluster,
    clusterName: cluster.name,
    runTask: (request) => tasks.run(request),
    describe: (arn, freshness = 'shared') => batch.describe(arn, freshness),
    describeTasks: async (arns) => (await tasks.describe(arns)).tasks,
    listRunning: () => tasks.listRunning(),
    listTasks: (filter) => tasks.list(filter),
    findStartedBy: (startedBy) => tasks.findStartedBy(startedBy),
    async stopTask(arn, reason) {
      await tasks.stop(arn, reason);
      // Snapshots from before the stop would hide it for as long as they are shared.
      batch.forget(arn);
    },
    registerTaskDefinition: (definition) => registerDefinition(sdk, calls, definition),
    deregisterTaskDefinition: (arn) => deregisterDefinition(sdk, calls, arn),
    deleteTaskDefinitions: (arns) => deleteDefinitions(sdk, calls, arns),
    describeContainerInstances,
    check: () => checkCluster(sdk, calls, cluster.cluster),
    findAccount: () => askAccount(parts),
    logTail: createLogTail(parts, log),
    events: queueUrl === undefined ? null : { url: queueUrl, ...createEventQueue(parts, queueUrl) },
    examine: (launched) => examine({ ...parts, ecs: sdk, calls }, launched),
    readQuotas: () => calls.readQuotas(),
    close() {
      sdk.destroy();
      addresses.close();
    },
  };
}

async function examine(
  parts: SdkParts & Pick<ExaminedParts, 'ecs' | 'calls'>,
  launched: LaunchedThere,
): Promise<readonly ClusterFinding[]> {
  const { cluster, ecs, calls } = parts;
  let ec2: EC2Client | undefined;
  try {
    return await examineCluster(
      {
        ...parts,
        ec2: async () => (ec2 ??= new (await import('@aws-sdk/client-ec2')).EC2Client(sdkOptions('ec2', parts))),
        findAccount: () => askAccount(parts),
        check: () => checkCluster(ecs, calls, cluster.cluster),
      },
      launched,
    );
  } finally {
    ec2?.destroy();
  }
}

/** Returns the credentials of the cluster: those of its role, its access key, or null for the SDK's default chain. */
function credentialsOf({ cluster, proxy = NO_PROXY, sessionName, clock }: EcsClientOptions): AwsCredentials | null {
  const { roleArn } = cluster;
  if (roleArn === undefined) return storedCredentials(cluster);
  const sts = { cluster, proxy, sessionName: sessionName ?? (() => 'wip') };
  return createRoleCredentials({ assume: () => assumeRole(sts, roleArn), clock });
}

async function describeSnapshots(
  arns: readonly string[],
  tasks: TaskCalls,
  hosts: ContainerHosts,
  clock: Clock,
): Promise<Map<string, EcsSnapshot>> {
  try {
    const { tasks: described, missing } = await tasks.describe(arns);
    const at = clock.now().toISOString();
    await hosts.learn(described);
    const sentence = 'DescribeTasks told nothing of this task';
    return new Map<string, EcsSnapshot>([
      // A task that the answer leaves out may still exist.
      ...arns.map((arn): [string, EcsSnapshot] => [arn, { kind: 'unknown', at, error: 'unavailable', sentence }]),
      ...missing.map((arn): [string, EcsSnapshot] => [arn, { kind: 'missing', at }]),
      ...described.map((task): [string, EcsSnapshot] => [task.taskArn ?? '', toEcsSnapshot(task, at, hosts)]),
    ]);
  } catch (error) {
    if (!(error instanceof EcsCallError)) throw error;
    const snapshot: EcsSnapshot = {
      kind: 'unknown',
      at: clock.now().toISOString(),
      error: error.class,
      sentence: error.message,
    };
    return new Map(arns.map((arn) => [arn, snapshot]));
  }
}

async function describeInstances(
  sdk: ECSClient,
  calls: EcsCalls,
  cluster: string,
  arns: readonly string[],
): Promise<ContainerInstance[]> {
  const command = new DescribeContainerInstancesCommand({ cluster, containerInstances: [...arns] });
  const answer = await calls.call('DescribeContainerInstances', () => sdk.send(command));
  return answer.containerInstances ?? [];
}

async function checkCluster(
  sdk: ECSClient,
  calls: EcsCalls,
  name: string,
): Promise<{ status: string; arn: string | null; instances: number }> {
  const command = new DescribeClustersCommand({ clusters: [name] });
  const answer = await calls.call('DescribeClusters', () => sdk.send(command));
  const { status, clusterArn, registeredContainerInstancesCount: instances = 0 } = answer.clusters?.[0] ?? {};
  if (status !== 'ACTIVE') {
    const message = `the cluster "${name}" is ${status ?? 'not there'}`;
    throw new EcsCallError('DescribeClusters', 'cluster-missing', new Error(message));
  }
  return { status, arn: clusterArn ?? null, instances };
}
