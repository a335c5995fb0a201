import type { TaskId } from '../../shared/model/ids.ts';
import type { MasterKey } from '../../shared/support/sealing.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import type { ClusterLocation } from '../ecs/cluster-location.ts';
import type { EcsTaskApi } from '../ecs/ecs-task-api.ts';
import type { PinnedDefinition } from '../ecs/launch-once.ts';
import type { RequestToSend, SendOutcome } from '../outbox/send-request.ts';
import type { AgentPool } from '../ssh/agent-pool.ts';
import type { AttemptCluster } from '../store/attempts/find-attempt.ts';
import type { DatabaseOutage } from '../store/database-outage.ts';
import type { Db } from '../store/schema.ts';
import type { BasicWip, WipClass } from '../tasks/basic-wip.ts';
import type { TaskSettings } from '../tasks/context.ts';
import type { EngineObserver } from './engine-observer.ts';

/** One cluster, ready to be launched into. */
export interface ClusterAccess {
  readonly ecs: EcsTaskApi;
  /** Name of its row in `ecs_cluster`. */
  readonly name: string;
  /** Which ECS cluster that is. */
  readonly location: ClusterLocation;
  /** ECS's own name of the cluster. */
  readonly cluster: string;
  readonly placement: Readonly<Record<string, unknown>>;
  pinDefinition(wip: Pick<BasicWip, 'kind' | 'group'>): Promise<PinnedDefinition>;
  forgetDefinition(arn: string): Promise<void>;
  /** Every task that runs on the cluster, whoever started it. Throws when ECS returned only a part of them. */
  listRunning(): Promise<readonly { readonly arn: string; readonly startedBy: string }[]>;
}

/** One way to an ECS cluster; opening it may fail. */
export interface KnownCluster {
  readonly name: string;
  open(): Promise<ClusterAccess>;
}

export interface ClusterSet {
  /** The active cluster: new containers go there. Throws CLUSTER_UNKNOWN when its row is gone. */
  openActive(): Promise<ClusterAccess>;
  /**
   * The ECS cluster that the attempt was launched into, whatever has become of its row since. Throws CLUSTER_UNKNOWN when
   * nothing that is stored leads there.
   */
  openOf(attempt: AttemptCluster): Promise<ClusterAccess>;
  /** Every ECS cluster that may hold containers of this installation, once for each set of credentials. */
  list(): Promise<readonly KnownCluster[]>;
}

/** Everything the engine acts on, built once by server.ts. */
export interface EngineDeps {
  readonly db: Db;
  /** A connection for renewals alone: behind the queries of busy steps they would come too late, and tasks be lost. */
  readonly leaseDb: Db;
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly clusters: ClusterSet;
  readonly agents: Pick<AgentPool, 'connect' | 'drop'>;
  readonly sendRequest: (request: RequestToSend, abort: AbortSignal) => Promise<SendOutcome>;
  readonly settings: TaskSettings;
  readonly masterKey: MasterKey;
  readonly installationId: string;
  /** Base address under which agents reach this service; known once it listens. */
  readonly publicUrl: () => string;
  readonly decryptBuildValue: (text: string) => Promise<string>;
  readonly node: string;
  readonly leaseSeconds: number;
  readonly concurrency: number;
  /** Longest life of a child that a task adds (seconds). */
  readonly maxRunSeconds: number;
  readonly methodSeconds: number;
  readonly heartbeatSeconds: number;
  readonly sweepSeconds: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Notes every failure of the database, so that an outage is logged once. */
  readonly outage: DatabaseOutage;
  /** Notifies all nodes, this one too, that a task has become runnable or has ended; called after the commit. */
  readonly tellNodes: (task: TaskId) => void;
  readonly observer: EngineObserver;
  readonly failpoint: Failpoint;
}

/** Awaited before and after every commit and outgoing call of a step. The fault harness, and it alone, stops nodes here. */
export type Failpoint = (name: string, where?: string) => Promise<void>;

export const NO_FAULTS: Failpoint = () => Promise.resolve();

/** The node must leave the task at once: another one has it, this one is stopping, or it is paused. Never a task's error. */
export class LeaveTask extends Error {
  override readonly name = 'LeaveTask';
  readonly why: 'lost' | 'stopping' | 'paused';

  constructor(why: LeaveTask['why']) {
    super(`the task is left: ${why}`);
    this.why = why;
  }
}
