import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import type { LocalCluster } from './local-state.ts';
import { arn, EC2_INSTANCE_ID, findCluster, instanceArn, type LocalWorld } from './action-context.ts';
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

export async function createCluster(world: LocalWorld, input: unknown): Promise<object> {
  const { clusterName: name, tags } = Create.parse(input);
  const cluster = world.state.clusters[name] ?? { name, status: 'ACTIVE', tags };
  cluster.status = 'ACTIVE';
  world.state.clusters[name] = cluster;
  await world.save();
  return { cluster: clusterView(world, cluster) };
}

export async function deleteCluster(world: LocalWorld, input: unknown): Promise<object> {
  const cluster = findCluster(world, Delete.parse(input).cluster);
  if (tasksOf(world, cluster, 'RUNNING').length > 0) {
    throw new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.');
  }
  cluster.status = 'INACTIVE';
  await world.save();
  return { cluster: clusterView(world, cluster) };
}

export function describeClusters(world: LocalWorld, input: unknown): object {
  const wanted = Describe.parse(input).clusters.map((reference) => reference.replace(/^arn:.*:cluster\//, ''));
  const known = wanted.filter((name) => world.state.clusters[name]);
  return {
    clusters: known.flatMap((name) => {
      const cluster = world.state.clusters[name];
      return cluster ? [clusterView(world, cluster)] : [];
    }),
    failures: wanted
      .filter((name) => !world.state.clusters[name])
      .map((name) => ({ arn: arn(world, `cluster/${name}`), reason: 'MISSING' })),
  };
}

export function listClusters(world: LocalWorld): object {
  const active = Object.values(world.state.clusters).filter((cluster) => cluster.status === 'ACTIVE');
  return { clusterArns: active.map((cluster) => arn(world, `cluster/${cluster.name}`)) };
}

export function listContainerInstances(world: LocalWorld, input: unknown): object {
  const cluster = findCluster(world, Instances.parse(input).cluster);
  return { containerInstanceArns: [instanceArn(world, cluster.name)] };
}

export function describeContainerInstances(world: LocalWorld, input: unknown): object {
  const { cluster: reference, containerInstances } = Instances.parse(input);
  const cluster = findCluster(world, reference);
  const own = instanceArn(world, cluster.name);
  const isOwn = (wanted: string): boolean => own === wanted || own.endsWith(`/${wanted}`);
  return {
    containerInstances: containerInstances.some(isOwn) ? [instanceView(world, cluster, own)] : [],
    failures: containerInstances
      .filter((wanted) => !isOwn(wanted))
      .map((wanted) => ({ arn: wanted, reason: 'MISSING' })),
  };
}

function instanceView(world: LocalWorld, cluster: LocalCluster, own: string): object {
  const resource = (name: string, value: number): object => ({ name, type: 'INTEGER', integerValue: value });
  const free = freeResources(world, cluster.name);
  return {
    containerInstanceArn: own,
    ec2InstanceId: EC2_INSTANCE_ID,
    status: 'ACTIVE',
    agentConnected: true,
    registeredResources: [resource('CPU', world.resources.cpu), resource('MEMORY', world.resources.memory)],
    remainingResources: [resource('CPU', free.cpu), resource('MEMORY', free.memory)],
    runningTasksCount: tasksOf(world, cluster, 'RUNNING').length,
    pendingTasksCount: 0,
  };
}

function clusterView(world: LocalWorld, cluster: LocalCluster): object {
  const active = tasksOf(world, cluster, 'RUNNING');
  const running = active.filter((task) => task.lastStatus === 'RUNNING').length;
  return {
    clusterArn: arn(world, `cluster/${cluster.name}`),
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: cluster.status === 'ACTIVE' ? 1 : 0,
    runningTasksCount: running,
    pendingTasksCount: active.length - running,
    activeServicesCount: 0,
    tags: cluster.tags,
  };
}

function tasksOf(world: LocalWorld, cluster: LocalCluster, desiredStatus: 'RUNNING' | 'STOPPED') {
  return Object.values(world.state.tasks).filter(
    (task) => task.cluster === cluster.name && task.desiredStatus === desiredStatus,
  );
}
