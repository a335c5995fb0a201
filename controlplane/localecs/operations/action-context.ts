import type { Clock } from '../../../shared/time/clock.ts';
import type { AccessKey } from '../protocol/access-key.ts';
import type { AgentConnections } from '../placement/agent-connections.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { ACCOUNT, idIn } from '../input/resource-id.ts';
import type { Faults } from '../faults/faults.ts';
import type { DefinitionInput, LocalCluster, LocalDefinition, LocalState, LocalTask } from '../local-state.ts';
import type { TaskLifecycles } from '../task-lifecycles.ts';

/** The resources of one container instance. */
export interface InstanceResources {
  /** 1024 units per processor. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
}

/** Everything that the actions of the API work with. */
export interface ActionContext {
  readonly state: LocalState;
  readonly save: () => Promise<void>;
  readonly lifecycles: TaskLifecycles;
  readonly connections: AgentConnections;
  readonly faults: Faults;
  /** The key that every request must be signed with. */
  readonly accessKey: AccessKey;
  readonly region: string;
  /** Number of container instances of each cluster. */
  readonly instances: number;
  /** Resources of each container instance. */
  readonly resources: InstanceResources;
  /**
   * The address in networkBindings. With 0.0.0.0 a client must ask EC2 for the address, as on a real bridge network.
   */
  readonly bindAddress: '127.0.0.1' | '0.0.0.0';
  /** The address of every machine, as EC2 tells it. */
  readonly machineAddress: string;
  /** Returns why local ECS, or its launcher, cannot run a definition that ECS would take; null when it can. */
  readonly whyRefused: (definition: DefinitionInput) => string | null;
  /** True while local ECS ends and starts no new task. */
  readonly isClosing: () => boolean;
  readonly clock: Clock;
  /** The time that callers sign with. */
  readonly callersClock: Pick<Clock, 'now'>;
  /** Returns 32 hexadecimal characters. */
  readonly newId: () => string;
}

/** Stopped tasks are visible for an hour (Amazon ECS API reference, DescribeTasks). */
const STOPPED_VISIBLE_MS = 60 * 60 * 1000;
/** ECS remembers client tokens for a day at most, and for an hour beyond the end of the task. */
const CLIENT_TOKEN_MS = 24 * 60 * 60 * 1000;

export function arn(context: { readonly region: string }, resource: string): string {
  return `arn:aws:ecs:${context.region}:${ACCOUNT}:${resource}`;
}

/** Returns the ARN that a reference means: itself, when it is one. ECS names what is MISSING by it. */
export function arnOf(context: { readonly region: string }, reference: string, below: string): string {
  return reference.startsWith('arn:') ? reference : arn(context, `${below}/${reference}`);
}

/** Removes tasks and client tokens that ECS would no longer show. */
export async function prune(context: ActionContext): Promise<void> {
  const { state, clock } = context;
  const nowMs = clock.now().getTime();
  const isOld = (since: string | null, ms: number): boolean => since !== null && nowMs - Date.parse(since) > ms;
  const gone = Object.values(state.tasks).filter((task) => isOld(task.stoppedAt, STOPPED_VISIBLE_MS));
  for (const task of gone) {
    delete state.tasks[task.arn];
    await context.lifecycles.discard(task);
  }
  for (const [token, entry] of Object.entries(state.clientTokens)) {
    const isForgotten = !entry.arns.some((each) => state.tasks[each]);
    if (isForgotten || isOld(entry.createdAt, CLIENT_TOKEN_MS)) delete state.clientTokens[token];
  }
  if (gone.length > 0) await context.save();
}

/**
 * Returns what a reference names: itself when it is no ARN, the last part of an ARN of this account and region. Null for an
 * ARN of another account, region or partition, or of another kind: it never means something here, whatever it ends with.
 */
export function nameIn(
  context: { readonly region: string },
  reference: string,
  kind: 'cluster' | 'task-definition' | 'container-instance',
): string | null {
  if (!reference.startsWith('arn:')) return reference;
  const prefix = arn(context, `${kind}/`);
  return reference.startsWith(prefix) ? reference.slice(prefix.length) : null;
}

/** Finds an active cluster by name or ARN; `default` when none is given. */
export function findLocalCluster(context: ActionContext, reference: string | undefined): LocalCluster {
  const name = nameIn(context, reference ?? 'default', 'cluster');
  const cluster = name === null ? undefined : context.state.clusters[name];
  if (!cluster || cluster.status !== 'ACTIVE') throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  return cluster;
}

/** Finds a definition by ARN, `family:revision`, or the family's latest active revision. */
export function findLocalDefinition(context: ActionContext, reference: string): LocalDefinition {
  // The state may be of a local ECS that had another region.
  const known = context.state.definitions[reference];
  if (known) return known;
  const wanted = nameIn(context, reference, 'task-definition');
  const all = Object.values(context.state.definitions);
  const exact = all.find((definition) => `${definition.family}:${definition.revision}` === wanted);
  const latest = all
    .filter((definition) => definition.family === wanted && definition.status === 'ACTIVE')
    .sort((a, b) => b.revision - a.revision)[0];
  const found = exact ?? latest;
  if (!found) throw new AwsError('ClientException', 'TaskDefinition not found.');
  return found;
}

/** Finds a task of a cluster by ARN or id. Throws as ECS does for what can be neither. */
export function findLocalTask(context: ActionContext, cluster: LocalCluster, reference: string): LocalTask | null {
  // The state may be of a local ECS that had another region.
  const known = context.state.tasks[reference];
  if (known?.cluster === cluster.name) return known;
  const id = idIn(context, cluster, reference, 'task');
  return Object.values(context.state.tasks).find((task) => task.id === id && task.cluster === cluster.name) ?? null;
}

/** Returns seconds since 1970 with a fraction, the format of instants in the protocol. */
export function epoch(time: string | null): number | undefined {
  return time === null ? undefined : Date.parse(time) / 1000;
}
