import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import type { LocalCluster } from './local-state.ts';
import { arn, EC2_INSTANCE_ID, findLocalCluster, instanceArn, type ActionContext } from './action-context.ts';
import { freeResources } from './placement.ts';

const Tags = z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]);
const Create = z.looseObject({
  clusterName: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,255}$/)
    .default('default'),
  tags: Tags,
});
const Delete = z.looseObject({ cluster: z.string() });
const Describe = z.looseObject({ clusters: z.array(z.string()).default(['default']) });
const Instances = z.looseObject({
  cluster: z.string().optional(),
  containerInstances: z.array(z.string()).default([]),
});

export async function createClusterAction(context: ActionContext, input: unknown): Promise<object> {
  const { clusterName: name, tags } = Create.parse(input);
  const cluster = context.state.clusters[name] ?? { name, status: 'ACTIVE', tags };
  cluster.status = 'ACTIVE';
  context.state.clusters[name] = cluster;
  await context.save();
  return { cluster: clusterView(context, cluster) };
}

export async function deleteClusterAction(context: ActionContext, input: unknown): Promise<object> {
  const cluster = findLocalCluster(context, Delete.parse(input).cluster);
  if (tasksOf(context, cluster, 'RUNNING').length > 0) {
    throw new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.');
  }
  cluster.status = 'INACTIVE';
  await context.save();
  return { cluster: clusterView(context, cluster) };
}

export function describeClustersAction(context: ActionContext, input: unknown): object {
  const wanted = Describe.parse(input).clusters.map((reference) => reference.replace(/^arn:.*:cluster\//, ''));
  const known = wanted.filter((name) => context.state.clusters[name]);
  return {
    clusters: known.flatMap((name) => {
      const cluster = context.state.clusters[name];
      return cluster ? [clusterView(context, cluster)] : [];
    }),
    failures: wanted
      .filter((name) => !context.state.clusters[name])
      .map((name) => ({ arn: arn(context, `cluster/${name}`), reason: 'MISSING' })),
  };
}

export function listClustersAction(context: ActionContext): object {
  const active = Object.values(context.state.clusters).filter((cluster) => cluster.status === 'ACTIVE');
  return { clusterArns: active.map((cluster) => arn(context, `cluster/${cluster.name}`)) };
}

export function listContainerInstancesAction(context: ActionContext, input: unknown): object {
  const cluster = findLocalCluster(context, Instances.parse(input).cluster);
  return { containerInstanceArns: [instanceArn(context, cluster.name)] };
}

export function describeContainerInstancesAction(context: ActionContext, input: unknown): object {
  const { cluster: reference, containerInstances } = Instances.parse(input);
  const cluster = findLocalCluster(context, reference);
  const own = instanceArn(context, cluster.name);
  const isOwn = (wanted: string): boolean => own === wanted || own.endsWith(`/${wanted}`);
  return {
    containerInstances: containerInstances.some(isOwn) ? [instanceView(context, cluster, own)] : [],
    failures: containerInstances
      .filter((wanted) => !isOwn(wanted))
      .map((wanted) => ({ arn: wanted, reason: 'MISSING' })),
  };
}

function instanceView(context: ActionContext, cluster: LocalCluster, own: string): object {
  const resource = (name: string, value: number): object => ({ name, type: 'INTEGER', integerValue: value });
  const free = freeResources(context, cluster.name);
  return {
    containerInstanceArn: own,
    ec2InstanceId: EC2_INSTANCE_ID,
    status: 'ACTIVE',
    agentConnected: true,
    registeredResources: [resource('CPU', context.resources.cpu), resource('MEMORY', context.resources.memory)],
    remainingResources: [resource('CPU', free.cpu), resource('MEMORY', free.memory)],
    runningTasksCount: tasksOf(context, cluster, 'RUNNING').length,
    pendingTasksCount: 0,
  };
}

function clusterView(context: ActionContext, cluster: LocalCluster): object {
  const active = tasksOf(context, cluster, 'RUNNING');
  const running = active.filter((task) => task.lastStatus === 'RUNNING').length;
  return {
    clusterArn: arn(context, `cluster/${cluster.name}`),
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: cluster.status === 'ACTIVE' ? 1 : 0,
    runningTasksCount: running,
    pendingTasksCount: active.length - running,
    activeServicesCount: 0,
    tags: cluster.tags,
  };
}

function tasksOf(context: ActionContext, cluster: LocalCluster, desiredStatus: 'RUNNING' | 'STOPPED') {
  return Object.values(context.state.tasks).filter(
    (task) => task.cluster === cluster.name && task.desiredStatus === desiredStatus,
  );
}
