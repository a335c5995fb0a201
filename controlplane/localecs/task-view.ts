import type { LocalTask } from './local-state.ts';
import { arn, epoch, instanceArn, type ActionContext } from './action-context.ts';

/** Returns a task in the format of DescribeTasks. */
export function taskView(context: ActionContext, task: LocalTask): object {
  const isShownStopped = context.faults.showsStopped();
  return {
    taskArn: task.arn,
    clusterArn: arn(context, `cluster/${task.cluster}`),
    taskDefinitionArn: task.definitionArn,
    containerInstanceArn: instanceArn(context, task.cluster),
    group: `family:${task.family}`,
    launchType: task.launchType,
    lastStatus: isShownStopped ? 'STOPPED' : task.lastStatus,
    desiredStatus: isShownStopped ? 'STOPPED' : task.desiredStatus,
    cpu: String(task.cpu),
    memory: String(task.memory),
    overrides: task.overrides,
    startedBy: task.startedBy ?? undefined,
    stopCode: task.stopCode ?? undefined,
    stoppedReason: task.stoppedReason ?? undefined,
    createdAt: epoch(task.createdAt),
    startedAt: epoch(task.startedAt),
    stoppingAt: epoch(task.stoppingAt),
    stoppedAt: epoch(task.stoppedAt),
    containers: [containerView(context, task)],
    attachments: [],
    tags: task.tags,
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
    lastStatus: containerStatus(task),
    exitCode: task.container.exitCode ?? undefined,
    reason: task.container.reason ?? undefined,
    networkBindings: bindings,
    networkInterfaces: [],
  };
}

function containerStatus(task: LocalTask): string {
  if (task.startedAt === null) return task.desiredStatus === 'STOPPED' ? 'STOPPED' : 'PENDING';
  return task.lastStatus === 'STOPPED' || task.lastStatus === 'DEPROVISIONING' ? 'STOPPED' : 'RUNNING';
}
