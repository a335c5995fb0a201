import { isAgentReached } from '../placement/container-instances.ts';
import { groupOf } from '../placement/instance-attributes.ts';
import type { LocalTask } from '../local-state.ts';
import { arn, epoch, type ActionContext } from './action-context.ts';

/** Returns a task in the format of DescribeTasks. */
export function taskView(context: ActionContext, task: LocalTask, withTags = true): object {
  const shown = context.faults.shownStatus(task);
  const isConnected = task.pullStartedAt !== null;
  return {
    taskArn: task.arn,
    clusterArn: arn(context, `cluster/${task.cluster}`),
    taskDefinitionArn: task.definitionArn,
    ...(task.containerInstance !== null && { containerInstanceArn: task.containerInstance }),
    group: groupOf(task),
    availabilityZone: `${context.region}a`,
    launchType: task.launchType,
    ...(task.capacityProviderName !== null && { capacityProviderName: task.capacityProviderName }),
    ...(task.launchType === 'FARGATE' && { platformVersion: '1.4.0', platformFamily: 'Linux' }),
    lastStatus: shown ?? task.lastStatus,
    desiredStatus: shown ?? task.desiredStatus,
    healthStatus: context.lifecycles.health(task),
    connectivity: isConnected ? connectivityOf(context, task) : undefined,
    connectivityAt: epoch(task.pullStartedAt),
    cpu: String(task.cpu),
    memory: String(task.memory),
    enableExecuteCommand: task.enableExecuteCommand,
    overrides: task.overrides,
    inferenceAccelerators: [],
    startedBy: task.startedBy ?? undefined,
    stopCode: task.stopCode ?? undefined,
    stoppedReason: task.stoppedReason ?? undefined,
    createdAt: epoch(task.createdAt),
    pullStartedAt: epoch(task.pullStartedAt),
    pullStoppedAt: epoch(task.pullStoppedAt),
    startedAt: epoch(task.startedAt),
    stoppingAt: epoch(task.stoppingAt),
    executionStoppedAt: epoch(task.executionStoppedAt),
    stoppedAt: epoch(task.stoppedAt),
    // ECS lists no container of a task that never got a machine.
    containers: task.isUnprovisioned ? [] : [containerView(context, task)],
    attachments: task.attachment === null ? [] : [attachmentView(context, task, task.attachment)],
    attributes: [],
    tags: withTags ? task.tags : [],
    version: task.version,
  };
}

/** Whether ECS hears of the task: through the ECS agent of its machine. */
function connectivityOf(context: ActionContext, task: LocalTask): 'CONNECTED' | 'DISCONNECTED' {
  return isAgentReached(context, task) ? 'CONNECTED' : 'DISCONNECTED';
}

function containerView(context: ActionContext, task: LocalTask): object {
  const bindings = context.lifecycles.ports(task).map(({ hostAddress, ...port }) => ({
    ...port,
    bindIP: hostAddress ?? context.bindAddress,
    protocol: 'tcp',
  }));
  return {
    containerArn: arn(context, `container/${task.cluster}/${task.id}`),
    taskArn: task.arn,
    name: task.container.name,
    image: task.container.image ?? undefined,
    runtimeId: task.startedAt === null ? undefined : task.id,
    lastStatus: containerStatus(task),
    healthStatus: context.lifecycles.health(task),
    cpu: String(task.cpu),
    memory: String(task.memory),
    exitCode: task.container.exitCode ?? undefined,
    reason: task.container.reason ?? undefined,
    // ECS shows none in an awsvpc network, where a container has its own ports at the address of its interface. A process
    // shares the address of this machine, so only the bindings say where it really listens.
    networkBindings: bindings,
    networkInterfaces: interfacesOf(context, task),
  };
}

function interfacesOf(context: ActionContext, task: LocalTask): readonly object[] {
  const address = interfaceAddress(context, task);
  if (task.attachment === null || address === null) return [];
  return [{ attachmentId: task.attachment.id, privateIpv4Address: address }];
}

/** Returns the address of the interface of a task in an awsvpc network; null while it has none. */
export function interfaceAddress(context: ActionContext, task: LocalTask): string | null {
  const own = context.lifecycles.address(task);
  return own === undefined ? context.machineAddress : own;
}

function attachmentView(
  context: ActionContext,
  task: LocalTask,
  attachment: NonNullable<LocalTask['attachment']>,
): object {
  const address = interfaceAddress(context, task);
  const isAttached = task.pullStartedAt !== null && task.lastStatus !== 'STOPPED' && address !== null;
  return {
    id: attachment.id,
    type: 'ElasticNetworkInterface',
    status: task.lastStatus === 'STOPPED' ? 'DELETED' : isAttached ? 'ATTACHED' : 'PRECREATED',
    details: [
      { name: 'subnetId', value: attachment.subnet },
      ...(isAttached
        ? [
            { name: 'networkInterfaceId', value: attachment.networkInterface },
            { name: 'privateIPv4Address', value: address },
          ]
        : []),
    ],
  };
}

function containerStatus(task: LocalTask): string {
  if (task.startedAt === null) return task.desiredStatus === 'STOPPED' ? 'STOPPED' : 'PENDING';
  return task.lastStatus === 'STOPPED' || task.lastStatus === 'DEPROVISIONING' ? 'STOPPED' : 'RUNNING';
}
