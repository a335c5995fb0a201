import type { Task } from '@aws-sdk/client-ecs';
import { isAnyAddress } from './instance-hosts.ts';
import { EcsStatus, type ContainerAddress, type EcsSnapshot } from '../containers/container.ts';
import { parseMemoryLimit } from '../containers/memory-limit.ts';

/** The agent's SSH server inside the container. */
const SSH_PORT = 22;

/**
 * Converts the SDK's description of a task. `hostOf` returns the address of a container instance, for bindings that do
 * not tell it (EC2 bridge networks bind 0.0.0.0).
 */
export function toEcsSnapshot(
  task: Task,
  at: string,
  hostOf: (containerInstanceArn: string) => string | null,
): EcsSnapshot {
  const lastStatus = EcsStatus.safeParse(task.lastStatus);
  if (!task.taskArn || !lastStatus.success) {
    const sentence = `ECS described the task with the status "${task.lastStatus ?? ''}", which is not known`;
    return { kind: 'unknown', at, error: 'unavailable', sentence };
  }
  const build = task.containers?.find((container) => container.exitCode !== undefined) ?? task.containers?.[0];
  return {
    kind: 'seen',
    at,
    arn: task.taskArn,
    lastStatus: lastStatus.data,
    desiredStatus: EcsStatus.catch(lastStatus.data).parse(task.desiredStatus),
    stopCode: task.stopCode ?? null,
    stoppedReason: task.stoppedReason ?? null,
    containerReason: build?.reason ?? null,
    exitCode: build?.exitCode ?? null,
    address: addressOf(task, hostOf),
    containerInstanceArn: task.containerInstanceArn ?? null,
    memoryLimitBytes: parseMemoryLimit(build?.memory) ?? parseMemoryLimit(task.memory),
    createdAt: task.createdAt?.toISOString() ?? null,
    pullStartedAt: task.pullStartedAt?.toISOString() ?? null,
    pullStoppedAt: task.pullStoppedAt?.toISOString() ?? null,
    startedAt: task.startedAt?.toISOString() ?? null,
    stoppedAt: task.stoppedAt?.toISOString() ?? null,
  };
}

function addressOf(task: Task, hostOf: (containerInstanceArn: string) => string | null): ContainerAddress | null {
  return bindingAddress(task, hostOf) ?? interfaceAddress(task);
}

/**
 * In awsvpc networks (always on Fargate) the task has an interface of its own, and the container's port is its port.
 * ECS reports no bindings there. Local ECS does, because its interfaces are all the address of one machine.
 */
function interfaceAddress(task: Task): ContainerAddress | null {
  const details = task.attachments?.find((attachment) => attachment.type === 'ElasticNetworkInterface')?.details;
  const host = details?.find((detail) => detail.name === 'privateIPv4Address')?.value;
  return host ? { host, port: SSH_PORT } : null;
}

function bindingAddress(task: Task, hostOf: (containerInstanceArn: string) => string | null): ContainerAddress | null {
  const bindings = task.containers?.flatMap((container) => container.networkBindings ?? []) ?? [];
  const ssh = bindings.find((binding) => binding.containerPort === SSH_PORT && binding.hostPort !== undefined);
  if (ssh?.hostPort === undefined) return null;
  const host = isAnyAddress(ssh.bindIP) ? task.containerInstanceArn && hostOf(task.containerInstanceArn) : ssh.bindIP;
  return host ? { host, port: ssh.hostPort } : null;
}
