import type { LocalTask } from './local-state.ts';
import { arn, epoch, type ActionContext } from './action-context.ts';

/** Where every machine of local ECS is. */
const HERE = '127.0.0.1';

/** Returns a task in the format of DescribeTasks. */
export function taskView(context: ActionContext, task: LocalTask, withTags = true): object {
  const shown = context.faults.shownStatus(task);
  const isConnected = task.pullStartedAt !== null;
  return {
    taskArn: task.arn,
    clusterArn: arn(context, `cluster/${task.cluster}`),
    taskDefinitionArn: task.definitionArn,
    ...(task.containerInstance !== null && { containerInstanceArn: task.containerInstance }),
    group: task.group ?? `family:${task.family}`,
    availabilityZone: `${context.region}a`,
    launchType: task.launchType,
    ...(task.capacityProviderName !== null && { capacityProviderName: task.capacityProviderName }),
    ...(task.launchType === 'FARGATE' && { platformVersion: '1.4.0', platformFamily: 'Linux' }),
    lastStatus: shown ?? task.lastStatus,
    desiredStatus: shown ?? task.desiredStatus,
    healthStatus: 'UNKNOWN',
    connectivity: isConnected ? 'CONNECTED' : undefined,
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
    stoppedAt: epoch(task.stoppedAt),
    // ECS lists no container of a task that never got a machine.
    containers: task.isUnprovisioned ? [] : [containerView(context, task)],
    attachments: task.attachment === null ? [] : [attachmentView(task, task.attachment)],
    attributes: [],
    tags: withTags ? task.tags : [],
    version: 1,
  };
}

function containerView(context: ActionContext, task: LocalTask): object {
  const bindings = context.lifecycles
    .ports(task)
    .map((port) => ({ ...port, bindIP: context.bindAddress, protocol: 'tcp' }));
  return {
    containerArn: arn(context, `container/${task.cluster}/${task.id}`),
    taskArn: task.arn,
    name: task.container.name,
    image: task.container.image ?? undefined,
    runtimeId: task.startedAt === null ? undefined : task.id,
    lastStatus: containerStatus(task),
    healthStatus: 'UNKNOWN',
    cpu: String(task.cpu),
    memory: String(task.memory),
    exitCode: task.container.exitCode ?? undefined,
    reason: task.container.reason ?? undefined,
    // ECS shows none in an awsvpc network, where a container has its own ports at the address of its interface. Here it
    // shares the address of this machine, so only the bindings say where it really listens.
    networkBindings: bindings,
    networkInterfaces: task.attachment === null ? [] : [{ attachmentId: task.attachment.id, privateIpv4Address: HERE }],
  };
}

function attachmentView(task: LocalTask, attachment: NonNullable<LocalTask['attachment']>): object {
  const isAttached = task.pullStartedAt !== null && task.lastStatus !== 'STOPPED';
  return {
    id: attachment.id,
    type: 'ElasticNetworkInterface',
    status: task.lastStatus === 'STOPPED' ? 'DELETED' : isAttached ? 'ATTACHED' : 'PRECREATED',
    details: [
      { name: 'subnetId', value: attachment.subnet },
      ...(isAttached
        ? [
            { name: 'networkInterfaceId', value: attachment.networkInterface },
            { name: 'privateIPv4Address', value: HERE },
          ]
        : []),
    ],
  };
}

function containerStatus(task: LocalTask): string {
  if (task.startedAt === null) return task.desiredStatus === 'STOPPED' ? 'STOPPED' : 'PENDING';
  return task.lastStatus === 'STOPPED' || task.lastStatus === 'DEPROVISIONING' ? 'STOPPED' : 'RUNNING';
}
