import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { newCluster, type LocalCluster, type LocalTask } from '../local-state.ts';
import { arn, arnOf, findLocalCluster, nameIn, type ActionContext } from './action-context.ts';
import {
  checkClusterParts,
  checkSameCluster,
  CreateClusterInput,
  PutProvidersInput,
  settingsOf,
  UpdateClusterInput,
  UpdateSettingsInput,
} from '../input/cluster-input.ts';
import { instancesOf } from '../placement/container-instances.ts';
import { parseInput } from '../input/parse-input.ts';
import { PAGE_FIELDS, pageOf } from './paging.ts';
import { checkTags } from '../input/tags-input.ts';

const CLUSTER_NAME = /^[a-zA-Z0-9\-_]{1,255}$/;
const Delete = z.looseObject({ cluster: z.string() });
const Described = z.enum(['ATTACHMENTS', 'CONFIGURATIONS', 'SETTINGS', 'STATISTICS', 'TAGS']);
const Describe = z.looseObject({
  clusters: z.array(z.string()).max(100).default(['default']),
  include: z.array(Described).default([]),
});
const List = z.looseObject(PAGE_FIELDS);

export async function createClusterAction(context: ActionContext, input: unknown): Promise<object> {
  const { clusterName: name, tags, ...given } = parseInput(CreateClusterInput, input);
  if (!CLUSTER_NAME.test(name)) {
    throw new AwsError('InvalidParameterException', `Cluster must match ${CLUSTER_NAME.source}, but was ${name}`);
  }
  checkTags(tags);
  checkClusterParts(given);
  const known = context.state.clusters[name];
  if (known?.status === 'ACTIVE') {
    checkSameCluster(known, given);
    return { cluster: clusterView(context, known, Described.options) };
  }
  const cluster = newCluster(name);
  const { configuration, capacityProviders = [], defaultCapacityProviderStrategy = [] } = given;
  const parts = { settings: settingsOf(given), configuration, capacityProviders, defaultCapacityProviderStrategy };
  Object.assign(cluster, { tags, ...parts });
  context.state.clusters[name] = cluster;
  await context.save();
  return { cluster: clusterView(context, cluster, Described.options) };
}

export async function updateClusterAction(context: ActionContext, input: unknown): Promise<object> {
  const { cluster: reference, ...given } = parseInput(UpdateClusterInput, input);
  checkClusterParts(given);
  const cluster = findLocalCluster(context, reference);
  cluster.settings = given.settings ? settingsOf(given) : cluster.settings;
  cluster.configuration = given.configuration ?? cluster.configuration;
  await context.save();
  return { cluster: clusterView(context, cluster, Described.options) };
}

export function updateClusterSettingsAction(context: ActionContext, input: unknown): Promise<object> {
  return updateClusterAction(context, parseInput(UpdateSettingsInput, input));
}

export async function putClusterCapacityProvidersAction(context: ActionContext, input: unknown): Promise<object> {
  const { cluster: reference, ...given } = parseInput(PutProvidersInput, input);
  checkClusterParts(given);
  const cluster = findLocalCluster(context, reference);
  const used = tasksThere(context, cluster).map((task) => task.capacityProviderName);
  const removed = cluster.capacityProviders.filter((name) => !given.capacityProviders.includes(name));
  if (removed.some((name) => used.includes(name))) {
    throw new AwsError('ResourceInUseException', 'The specified capacity provider is in use and cannot be removed.');
  }
  cluster.capacityProviders = given.capacityProviders;
  cluster.defaultCapacityProviderStrategy = given.defaultCapacityProviderStrategy;
  await context.save();
  return { cluster: clusterView(context, cluster, Described.options) };
}

export async function deleteClusterAction(context: ActionContext, input: unknown): Promise<object> {
  const cluster = findLocalCluster(context, parseInput(Delete, input).cluster);
  if (tasksThere(context, cluster).length > 0) {
    throw new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.');
  }
  cluster.status = 'INACTIVE';
  await context.save();
  return { cluster: clusterView(context, cluster, []) };
}

export function describeClustersAction(context: ActionContext, input: unknown): object {
  const { clusters, include } = parseInput(Describe, input);
  const wanted = clusters.map((reference) => {
    const name = nameIn(context, reference, 'cluster');
    return { reference, name, cluster: name === null ? undefined : context.state.clusters[name] };
  });
  const missing = wanted.filter(({ cluster }) => cluster === undefined);
  return {
    clusters: wanted.flatMap(({ cluster }) => (cluster ? [clusterView(context, cluster, include)] : [])),
    failures: missing.map(({ reference }) => ({
      arn: arnOf(context, reference, 'cluster'),
      reason: 'MISSING',
    })),
  };
}

export function listClustersAction(context: ActionContext, input: unknown): object {
  const active = Object.values(context.state.clusters).filter((cluster) => cluster.status === 'ACTIVE');
  const { items, rest } = pageOf(active, parseInput(List, input), {
    action: 'ListClusters',
    filter: [],
    keyOf: ({ name }) => name,
  });
  return { clusterArns: items.map((cluster) => arn(context, `cluster/${cluster.name}`)), ...rest };
}

function clusterView(
  context: ActionContext,
  cluster: LocalCluster,
  include: readonly z.infer<typeof Described>[],
): object {
  const active = tasksThere(context, cluster).filter((task) => task.desiredStatus === 'RUNNING');
  const running = active.filter((task) => task.lastStatus === 'RUNNING').length;
  return {
    clusterArn: arn(context, `cluster/${cluster.name}`),
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: instancesOf(context, cluster).length,
    runningTasksCount: running,
    pendingTasksCount: active.length - running,
    activeServicesCount: 0,
    statistics: include.includes('STATISTICS') ? statisticsOf(active) : [],
    tags: include.includes('TAGS') ? cluster.tags : [],
    settings: include.includes('SETTINGS') ? cluster.settings : [],
    ...(include.includes('CONFIGURATIONS') && cluster.configuration !== undefined
      ? { configuration: cluster.configuration }
      : {}),
    capacityProviders: cluster.capacityProviders,
    defaultCapacityProviderStrategy: cluster.defaultCapacityProviderStrategy,
  };
}

/** "Cluster", `statistics`, of the API reference. There are no services here. */
function statisticsOf(active: readonly LocalTask[]): readonly { readonly name: string; readonly value: string }[] {
  const count = (launchType: string, isRunning: boolean): number =>
    active.filter((task) => task.launchType === launchType && (task.lastStatus === 'RUNNING') === isRunning).length;
  const counts = {
    runningEC2TasksCount: count('EC2', true),
    runningFargateTasksCount: count('FARGATE', true),
    pendingEC2TasksCount: count('EC2', false),
    pendingFargateTasksCount: count('FARGATE', false),
    activeEC2ServiceCount: 0,
    activeFargateServiceCount: 0,
    drainingEC2ServiceCount: 0,
    drainingFargateServiceCount: 0,
  };
  return Object.entries(counts).map(([name, value]) => ({ name, value: String(value) }));
}

/** A task that is being stopped is there until it is STOPPED: its container may run for minutes. */
function tasksThere({ state }: Pick<ActionContext, 'state'>, { name }: LocalCluster): readonly LocalTask[] {
  return Object.values(state.tasks).filter((task) => task.cluster === name && task.lastStatus !== 'STOPPED');
}
