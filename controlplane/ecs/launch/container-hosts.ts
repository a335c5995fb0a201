import type { ContainerInstance, Task } from '@aws-sdk/client-ecs';
import { LRUCache } from 'lru-cache';
import type { Logger } from '../../../shared/system/logger.ts';
import type { AddressKind, Ec2Addresses } from '../client/ec2-addresses.ts';
import { EcsCallError } from '../client/ecs-error.ts';

interface ContainerHostsDeps {
  readonly kind: AddressKind;
  /** Asks ECS for container instances, which name their EC2 instances. */
  readonly describeContainerInstances: (arns: readonly string[]) => Promise<readonly ContainerInstance[]>;
  readonly addresses: Pick<Ec2Addresses, 'ofInstances' | 'ofInterfaces'>;
  readonly log: Logger;
}

/** Finds the host of a container where the description of its task does not tell it. */
export interface HostLookup {
  readonly kind: AddressKind;
  hostOfInstance(containerInstanceArn: string): string | null;
  hostOfInterface(interfaceId: string): string | null;
}

export interface ContainerHosts extends HostLookup {
  /**
   * Looks up the hosts of these tasks that are not known yet. Never rejects: a container without an address is asked for
   * again.
   */
  learn(tasks: readonly Task[]): Promise<void>;
}

// A cluster has at most so many machines (5,000 container instances by default quota, "Amazon ECS service quotas").
const MAX_INSTANCES = 5_000;
// Interfaces that are kept, those used last: each container on Fargate has one. One node has far fewer containers.
const MAX_INTERFACES = 10_000;

/**
 * On a bridge network a container is reached at the address of its machine, and a public address of any container is
 * known to EC2 alone. Neither changes while the container lives, so each is asked for once.
 */
export function createContainerHosts(deps: ContainerHostsDeps): ContainerHosts {
  const { kind } = deps;
  const instances = new LRUCache<string, string>({ max: MAX_INSTANCES });
  const interfaces = new LRUCache<string, string>({ max: MAX_INTERFACES });

  async function learnInstances(tasks: readonly Task[]): Promise<void> {
    const needed = new Set(
      tasks.filter((task) => needsItsMachine(task, kind)).map((task) => task.containerInstanceArn),
    );
    const arns = [...needed].filter((arn) => arn !== undefined && !instances.has(arn)).map(String);
    if (arns.length === 0) return;
    const described = await deps.describeContainerInstances(arns);
    const found = await deps.addresses.ofInstances(described.flatMap(({ ec2InstanceId }) => ec2InstanceId ?? []));
    for (const { containerInstanceArn, ec2InstanceId } of described) {
      const host = found.get(ec2InstanceId ?? '');
      if (containerInstanceArn && host) instances.set(containerInstanceArn, host);
    }
    warnOfMissing(arns.filter((arn) => !instances.has(arn)));
  }

  async function learnInterfaces(tasks: readonly Task[]): Promise<void> {
    if (kind === 'private') return;
    const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
    const ids = running.flatMap((task) => interfaceOf(task) ?? []).filter((id) => !interfaces.has(id));
    if (ids.length === 0) return;
    for (const [id, host] of await deps.addresses.ofInterfaces(ids)) interfaces.set(id, host);
    warnOfMissing(ids.filter((id) => !interfaces.has(id)));
  }

  function warnOfMissing(of: readonly string[]): void {
    if (of.length > 0 && kind === 'public') deps.log.warn({ of: of.slice(0, 5) }, 'containers have no public address');
  }

  async function unlessRefused(learning: Promise<void>): Promise<void> {
    try {
      await learning;
    } catch (error) {
      if (!(error instanceof EcsCallError)) throw error;
      deps.log.warn({ err: error }, 'the addresses of machines are not known');
    }
  }

  return {
    kind,
    async learn(tasks) {
      await Promise.all([unlessRefused(learnInstances(tasks)), unlessRefused(learnInterfaces(tasks))]);
    },
    hostOfInstance: (arn) => instances.get(arn) ?? null,
    hostOfInterface: (id) => interfaces.get(id) ?? null,
  };
}

function needsItsMachine(task: Task, kind: AddressKind): boolean {
  const bindings = task.containers?.flatMap((container) => container.networkBindings ?? []) ?? [];
  return task.lastStatus === 'RUNNING' && bindings.some(({ bindIP }) => kind === 'public' || isAnyAddress(bindIP));
}

/** Returns the id of the network interface that a task in an awsvpc network has of its own. */
export function interfaceOf(task: Task): string | null {
  return interfaceDetail(task, 'networkInterfaceId');
}

export function interfaceDetail({ attachments = [] }: Task, name: string): string | null {
  const details = attachments.find(({ type }) => type === 'ElasticNetworkInterface')?.details;
  return details?.find((detail) => detail.name === name)?.value ?? null;
}

/** Whether a port is bound on all addresses of its machine, so that the binding does not say which to use. */
export function isAnyAddress(bindIP: string | undefined): boolean {
  return bindIP === undefined || bindIP === '' || bindIP === '0.0.0.0' || bindIP === '::';
}
