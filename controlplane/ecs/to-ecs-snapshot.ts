import type { Task } from '@aws-sdk/client-ecs';
import { interfaceDetail, interfaceOf, isAnyAddress, type HostLookup } from './container-hosts.ts';
import { EcsStatus, type ContainerAddress, type EcsSnapshot } from '../containers/container.ts';
import { parseMemoryLimit } from '../containers/memory-limit.ts';

/** The agent's SSH server inside the container. */
const SSH_PORT = 22;

/**
 * Converts the SDK's description of a task. `hosts` has the addresses that a description does not tell: those of
 * machines (EC2 bridge networks bind 0.0.0.0), and public ones.
 */
export function toEcsSnapshot(task: Task, at: string, hosts: HostLookup): EcsSnapshot {
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
    address: addressOf(task, hosts),
    containerInstanceArn: task.containerInstanceArn ?? null,
    memoryLimitBytes: parseMemoryLimit(build?.memory) ?? parseMemoryLimit(task.memory),
    processors: task.launchType === 'FARGATE' ? processorsOf(task.cpu) : null,
    createdAt: task.createdAt?.toISOString() ?? null,
    pullStartedAt: task.pullStartedAt?.toISOString() ?? null,
    pullStoppedAt: task.pullStoppedAt?.toISOString() ?? null,
    startedAt: task.startedAt?.toISOString() ?? null,
    stoppedAt: task.stoppedAt?.toISOString() ?? null,
  };
}

/** ECS counts a processor as 1,024 units. */
function processorsOf(units: string | undefined): number | null {
  const processors = Number(units ?? 0) / 1024;
  return processors > 0 ? processors : null;
}

function addressOf(task: Task, hosts: HostLookup): ContainerAddress | null {
  return bindingAddress(task, hosts) ?? interfaceAddress(task, hosts);
}

/**
 * In awsvpc networks (always on Fargate) the task has an interface of its own, and the container's port is its port.
 * ECS reports no bindings there. Local ECS does, because its interfaces are all the address of one machine.
 */
function interfaceAddress(task: Task, hosts: HostLookup): ContainerAddress | null {
  const host = hostOfInterface(task, hosts);
  return host ? { host, port: SSH_PORT } : null;
}

function hostOfInterface(task: Task, hosts: HostLookup): string | null {
  if (hosts.kind === 'private') return interfaceDetail(task, 'privateIPv4Address');
  const id = interfaceOf(task);
  return id === null ? null : hosts.hostOfInterface(id);
}

function bindingAddress(task: Task, hosts: HostLookup): ContainerAddress | null {
  const bindings = task.containers?.flatMap((container) => container.networkBindings ?? []) ?? [];
  const ssh = bindings.find((binding) => binding.containerPort === SSH_PORT && binding.hostPort !== undefined);
  if (ssh?.hostPort === undefined) return null;
  const host = hostOfBinding(task, ssh.bindIP, hosts);
  return host ? { host, port: ssh.hostPort } : null;
}

function hostOfBinding(task: Task, bindIP: string | undefined, hosts: HostLookup): string | null | undefined {
  if (hosts.kind === 'private' && !isAnyAddress(bindIP)) return bindIP;
  return task.containerInstanceArn ? hosts.hostOfInstance(task.containerInstanceArn) : hostOfInterface(task, hosts);
}
