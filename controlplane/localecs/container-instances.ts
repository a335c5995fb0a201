import { AwsError } from './aws-error.ts';
import type { LocalCluster, LocalTask } from './local-state.ts';
import { arn, type ActionContext, type InstanceResources } from './action-context.ts';
import { idIn } from './resource-id.ts';
import type { StopOrder } from './task-lifecycle.ts';

/** A container instance of a cluster: one machine that tasks are placed on. All of them are this machine. */
export interface ContainerInstance {
  /** The last part of its ARN: 32 hexadecimal characters. */
  readonly id: string;
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
  { name, status, lostInstances }: LocalCluster,
): readonly ContainerInstance[] {
  if (status !== 'ACTIVE') return [];
  return Array.from({ length: context.instances }, (_, index) => instance(context, name, index + 1)).filter(
    ({ id }) => !lostInstances.includes(id),
  );
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

/** Takes an instance out of its cluster and ends what runs there, as when its machine is lost. */
export async function loseInstance(context: ActionContext, cluster: LocalCluster, reference: string): Promise<void> {
  const lost = findInstance(context, cluster, reference);
  if (!lost) throw new AwsError('InvalidParameterException', `There is no container instance ${reference}.`);
  cluster.lostInstances.push(lost.id);
  for (const task of tasksOn(context, lost.arn)) {
    context.lifecycles.stop(task, { ...hostLost(task), graceMs: 0, exitCode: 'lost' });
  }
  await context.save();
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

function instance(context: Pick<ActionContext, 'region'>, cluster: string, number: number): ContainerInstance {
  const id = String(number).padStart(32, '0');
  return { id, arn: arn(context, `container-instance/${cluster}/${id}`), ec2InstanceId: ec2IdOf(number) };
}

function ec2IdOf(number: number): string {
  return `i-${String(number).padStart(17, '0')}`;
}
