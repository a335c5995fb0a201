import type { Container, Task } from '@aws-sdk/client-ecs';
import { interfaceDetail, interfaceOf, isAnyAddress, type HostLookup } from '../launch/container-hosts.ts';
import { findBuildContainer } from '../../containers/build-container.ts';
import {
  ECS_STATUSES,
  EcsStatus,
  type ContainerAddress,
  type EcsSnapshot,
  type EndedContainer,
} from '../../containers/container.ts';
import { parseMemoryLimit } from '../../containers/causes/memory-limit.ts';

/** The agent's SSH server inside the container. */
const SSH_PORT = 22;
const RUNNING = ECS_STATUSES.indexOf('RUNNING');

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
  const desiredStatus = EcsStatus.catch(lastStatus.data).parse(task.desiredStatus);
  const build = findBuildContainer(task);
  const others = endedBeside(task, build);
  // The build's container is essential: ECS stops the task when it ends. In a task that is to run on it has not ended.
  const isEnding = [lastStatus.data, desiredStatus].some((status) => ECS_STATUSES.indexOf(status) > RUNNING);
  return {
    kind: 'seen',
    at,
    arn: task.taskArn,
    lastStatus: lastStatus.data,
    desiredStatus,
    stopCode: task.stopCode ?? null,
    stoppedReason: task.stoppedReason ?? null,
    containerReason: build?.reason ?? startFailure(task, others),
    exitCode: (isEnding ? build?.exitCode : undefined) ?? null,
    ...(others.length > 0 && { others }),
    address: addressOf(task, build, hosts),
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

/** Returns the other containers of the task that have ended, or of which ECS says something. */
function endedBeside({ containers = [] }: Task, build: Container | undefined): EndedContainer[] {
  return containers.flatMap((container) => {
    const { name = '', exitCode = null, reason = null } = container;
    return container === build || (exitCode === null && reason === null) ? [] : [{ name, exitCode, reason }];
  });
}

/** What keeps a helper from starting keeps the build's container from it, and ECS says it of the helper only. */
function startFailure({ stopCode }: Task, others: readonly EndedContainer[]): string | null {
  return stopCode === 'TaskFailedToStart' ? (others.find(({ reason }) => reason !== null)?.reason ?? null) : null;
}

/** ECS counts a processor as 1,024 units. */
function processorsOf(units: string | undefined): number | null {
  const processors = Number(units ?? 0) / 1024;
  return processors > 0 ? processors : null;
}

function addressOf(task: Task, build: Container | undefined, hosts: HostLookup): ContainerAddress | null {
  return bindingAddress(task, build, hosts) ?? interfaceAddress(task, hosts);
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

function bindingAddress(task: Task, build: Container | undefined, hosts: HostLookup): ContainerAddress | null {
  const ssh = build?.networkBindings?.find(
    (binding) => binding.containerPort === SSH_PORT && binding.hostPort !== undefined,
  );
  if (ssh?.hostPort === undefined) return null;
  const host = hostOfBinding(task, ssh.bindIP, hosts);
  return host ? { host, port: ssh.hostPort } : null;
}

function hostOfBinding(task: Task, bindIP: string | undefined, hosts: HostLookup): string | null | undefined {
  if (hosts.kind === 'private' && !isAnyAddress(bindIP)) return bindIP;
  return task.containerInstanceArn ? hosts.hostOfInstance(task.containerInstanceArn) : hostOfInterface(task, hosts);
}
