import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import { newCluster, type LocalCluster, type LocalTask } from './local-state.ts';
import { arn, findLocalCluster, nameIn, type ActionContext } from './action-context.ts';
import { instancesOf } from './container-instances.ts';
import { PAGE_FIELDS, pageOf } from './paging.ts';
import { TagsInput } from './tags-input.ts';

const Settings = z.array(z.object({ name: z.string(), value: z.string() }));
const Create = z.looseObject({
  clusterName: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,255}$/)
    .default('default'),
  tags: TagsInput,
  settings: Settings.default([]),
  configuration: z.unknown().optional(),
  capacityProviders: z.array(z.string()).default([]),
});
const Update = z.looseObject({
  cluster: z.string(),
  settings: Settings.optional(),
  configuration: z.unknown().optional(),
});
const Delete = z.looseObject({ cluster: z.string() });
const Described = z.enum(['ATTACHMENTS', 'CONFIGURATIONS', 'SETTINGS', 'STATISTICS', 'TAGS']);
const Describe = z.looseObject({
  clusters: z.array(z.string()).max(100).default(['default']),
  include: z.array(Described).default([]),
});
const List = z.looseObject(PAGE_FIELDS);

export async function createClusterAction(context: ActionContext, input: unknown): Promise<object> {
  const { clusterName: name, tags, settings, configuration, capacityProviders } = Create.parse(input);
  const known = context.state.clusters[name];
  const cluster = known?.status === 'ACTIVE' ? known : newCluster(name);
  if (cluster !== known) Object.assign(cluster, { tags, settings, configuration, capacityProviders });
  context.state.clusters[name] = cluster;
  await context.save();
  return { cluster: clusterView(context, cluster, Described.options) };
}

export async function updateClusterAction(context: ActionContext, input: unknown): Promise<object> {
  const { cluster: reference, settings, configuration } = Update.parse(input);
  const cluster = findLocalCluster(context, reference);
  cluster.settings = settings ?? cluster.settings;
  cluster.configuration = configuration ?? cluster.configuration;
  await context.save();
  return { cluster: clusterView(context, cluster, Described.options) };
}

export async function deleteClusterAction(context: ActionContext, input: unknown): Promise<object> {
  const cluster = findLocalCluster(context, Delete.parse(input).cluster);
  if (activeTasks(context, cluster).length > 0) {
    throw new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.');
  }
  cluster.status = 'INACTIVE';
  await context.save();
  return { cluster: clusterView(context, cluster, []) };
}

export function describeClustersAction(context: ActionContext, input: unknown): object {
  const { clusters, include } = Describe.parse(input);
  const wanted = clusters.map((reference) => {
    const name = nameIn(context, reference, 'cluster');
    return { reference, name, cluster: name === null ? undefined : context.state.clusters[name] };
  });
  const missing = wanted.filter(({ cluster }) => cluster === undefined);
  return {
    clusters: wanted.flatMap(({ cluster }) => (cluster ? [clusterView(context, cluster, include)] : [])),
    failures: missing.map(({ reference, name }) => ({
      arn: name === null ? reference : arn(context, `cluster/${name}`),
      reason: 'MISSING',
    })),
  };
}

export function listClustersAction(context: ActionContext, input: unknown): object {
  const active = Object.values(context.state.clusters).filter((cluster) => cluster.status === 'ACTIVE');
  const { items, rest } = pageOf(active, List.parse(input));
  return { clusterArns: items.map((cluster) => arn(context, `cluster/${cluster.name}`)), ...rest };
}

function clusterView(
  context: ActionContext,
  cluster: LocalCluster,
  include: readonly z.infer<typeof Described>[],
): object {
  const active = activeTasks(context, cluster);
  const running = active.filter((task) => task.lastStatus === 'RUNNING').length;
  return {
    clusterArn: arn(context, `cluster/${cluster.name}`),
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: instancesOf(context, cluster).length,
    runningTasksCount: running,
    pendingTasksCount: active.length - running,
    activeServicesCount: 0,
    statistics: [],
    tags: include.includes('TAGS') ? cluster.tags : [],
    settings: include.includes('SETTINGS') ? cluster.settings : [],
    ...(include.includes('CONFIGURATIONS') && cluster.configuration !== undefined
      ? { configuration: cluster.configuration }
      : {}),
    capacityProviders: cluster.capacityProviders,
    defaultCapacityProviderStrategy: [],
  };
}

function activeTasks({ state }: Pick<ActionContext, 'state'>, { name }: LocalCluster): readonly LocalTask[] {
  return Object.values(state.tasks).filter((task) => task.cluster === name && task.desiredStatus === 'RUNNING');
}
