import { AwsError } from '../protocol/aws-error.ts';
import { newInstance, type LocalCluster, type LocalInstance, type LocalTask } from '../local-state.ts';
import { arn, nameIn, type ActionContext, type InstanceResources } from '../operations/action-context.ts';
import { idIn } from '../input/resource-id.ts';
import type { StopOrder } from '../task-lifecycle.ts';

/** A container instance of a cluster: one machine that tasks are placed on. All of them are this machine. */
export interface ContainerInstance extends Readonly<LocalInstance> {
  readonly arn: string;
  readonly ec2InstanceId: string;
}

/** Resources of a container instance that no task holds. */
export interface FreeResources extends InstanceResources {
  readonly takenPorts: ReadonlySet<number>;
}

/** Returns the container instances of a cluster that it has not lost, in order. */
export function instancesOf(
  context: Pick<ActionContext, 'region' | 'instances'>,
  cluster: LocalCluster,
): readonly ContainerInstance[] {
  if (cluster.status !== 'ACTIVE') return [];
  return Array.from({ length: context.instances }, (_, index) => instance(context, cluster, index + 1)).filter(
    ({ id }) => !cluster.lostInstances.includes(id),
  );
}

/** Returns those that tasks are placed on: one that is drained gets no new ones. */
export function activeInstances(
  context: Pick<ActionContext, 'region' | 'instances'>,
  cluster: LocalCluster,
): readonly ContainerInstance[] {
  return instancesOf(context, cluster).filter(({ status }) => status === 'ACTIVE');
}

/** Returns what the cluster keeps of an instance, to be changed. */
export function keptInstance(cluster: LocalCluster, { id }: Pick<ContainerInstance, 'id'>): LocalInstance {
  const kept = cluster.instances.find((each) => each.id === id);
  if (kept) return kept;
  const created = newInstance(id);
  cluster.instances.push(created);
  return created;
}

/** Finds an instance of any cluster by its whole ARN. */
export function findInstanceByArn(
  context: Pick<ActionContext, 'region' | 'instances' | 'state'>,
  instanceArn: string,
): { readonly cluster: LocalCluster; readonly instance: ContainerInstance } | null {
  const [name = ''] = nameIn(context, instanceArn, 'container-instance')?.split('/') ?? [];
  const cluster = context.state.clusters[name];
  const found = cluster && instancesOf(context, cluster).find((each) => each.arn === instanceArn);
  return cluster && found ? { cluster, instance: found } : null;
}

/** Finds an instance by ARN or id. Throws as ECS does for what can be neither. */
export function findInstance(
  context: Pick<ActionContext, 'region' | 'instances'>,
  cluster: LocalCluster,
  reference: string,
): ContainerInstance | null {
  const id = idIn(context, cluster, reference, 'container-instance');
  return instancesOf(context, cluster).find((each) => each.id === id) ?? null;
}

export function ec2InstanceIds({ instances }: Pick<ActionContext, 'instances'>): readonly string[] {
  return Array.from({ length: instances }, (_, index) => ec2IdOf(index + 1));
}

export function freeResources(
  context: Pick<ActionContext, 'state' | 'resources'>,
  { arn: instanceArn }: ContainerInstance,
): FreeResources {
  const holding = tasksOn(context, instanceArn);
  return {
    cpu: context.resources.cpu - holding.reduce((sum, task) => sum + task.cpu, 0),
    memory: context.resources.memory - holding.reduce((sum, task) => sum + task.memory, 0),
    takenPorts: new Set(holding.flatMap((task) => task.hostPorts)),
  };
}

export function tasksOn({ state }: Pick<ActionContext, 'state'>, instanceArn: string): readonly LocalTask[] {
  return Object.values(state.tasks).filter(
    (task) => task.containerInstance === instanceArn && task.lastStatus !== 'STOPPED',
  );
}

/** Whether ECS reaches the machine of a task: by its ECS agent, while it has one. */
export function isAgentReached(
  context: Pick<ActionContext, 'region' | 'instances' | 'state'>,
  { containerInstance }: Pick<LocalTask, 'containerInstance'>,
): boolean {
  const found = containerInstance === null ? null : findInstanceByArn(context, containerInstance);
  return found?.instance.isAgentConnected !== false;
}

/** Takes an instance out of its cluster and ends what runs there, as when its machine is lost. */
export async function loseInstance(context: ActionContext, cluster: LocalCluster, reference: string): Promise<void> {
  const lost = theInstance(context, cluster, reference);
  cluster.lostInstances.push(lost.id);
  cluster.instances = cluster.instances.filter(({ id }) => id !== lost.id);
  context.connections.changed();
  for (const task of tasksOn(context, lost.arn)) {
    context.lifecycles.stop(task, { ...hostLost(task), graceMs: 0, exitCode: 'lost' });
  }
  await context.save();
}

/** Takes the ECS agent of an instance from ECS, or gives it back. What runs there goes on; nothing new can be placed there. */
export async function changeConnection(
  context: ActionContext,
  { cluster, reference }: { readonly cluster: LocalCluster; readonly reference: string },
  to: 'connected' | 'disconnected',
): Promise<void> {
  keptInstance(cluster, theInstance(context, cluster, reference)).isAgentConnected = to === 'connected';
  context.connections.changed();
  await context.save();
}

function theInstance(context: ActionContext, cluster: LocalCluster, reference: string): ContainerInstance {
  const found = findInstance(context, cluster, reference);
  if (found) return found;
  throw new AwsError('InvalidParameterException', `There is no container instance ${reference}.`);
}

/** Puts a machine in the place of the first that the cluster has lost. */
export async function joinInstance(context: Pick<ActionContext, 'save'>, cluster: LocalCluster): Promise<void> {
  if (cluster.lostInstances.shift() === undefined) {
    throw new AwsError('InvalidParameterException', `The cluster ${cluster.name} has lost no container instance.`);
  }
  await context.save();
}

/** What ECS says of a task whose machine is gone. */
export function hostLost({ containerInstance }: Pick<LocalTask, 'containerInstance'>): StopOrder {
  const number = Number(containerInstance?.replace(/^.*\//, '') ?? 1);
  return { stopCode: 'TerminationNotice', reason: `Host EC2 (instance ${ec2IdOf(number)}) terminated.` };
}

function instance(context: Pick<ActionContext, 'region'>, cluster: LocalCluster, number: number): ContainerInstance {
  const id = String(number).padStart(32, '0');
  const kept = cluster.instances.find((each) => each.id === id) ?? newInstance(id);
  return { ...kept, arn: arn(context, `container-instance/${cluster.name}/${id}`), ec2InstanceId: ec2IdOf(number) };
}

function ec2IdOf(number: number): string {
  return `i-${String(number).padStart(17, '0')}`;
}
