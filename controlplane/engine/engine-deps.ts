import type { TaskId } from '../../shared/model/ids.ts';
import type { MasterKey, Sealer } from '../../shared/keys/sealing.ts';
import type { LATE, TimeLimit } from '../../shared/time/within-time.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Logger } from '../../shared/system/logger.ts';
import type { ClusterLocation } from '../ecs/config/cluster-location.ts';
import type { EcsTaskApi } from '../ecs/client/ecs-task-api.ts';
import type { PinnedDefinition } from '../ecs/definition/pinned-definition.ts';
import type { SendRequest } from '../outbox/send-request.ts';
import type { AgentPool } from '../ssh/agent-pool.ts';
import type { readHostKey } from '../ssh/legacy/read-host-key.ts';
import type { AttemptCluster } from '../store/attempts/find-attempt.ts';
import type { DatabaseOutage } from '../store/database-outage.ts';
import type { Db } from '../store/schema.ts';
import type { StepStore } from '../store/step-store.ts';
import type { BasicWip } from '../tasks/basic-wip.ts';
import type { WipClass } from '../tasks/wip-class.ts';
import type { TaskSettings } from '../tasks/task-settings.ts';
import type { Identities } from './identities.ts';
import type { EngineObserver } from './engine-observer.ts';

/** One cluster, ready to be launched into. */
export interface ClusterAccess {
  readonly ecs: EcsTaskApi;
  /** Name of the cluster's row in `ecs_cluster`. */
  readonly name: string;
  /** Identity of the ECS cluster. */
  readonly location: ClusterLocation;
  /** Name of the cluster in ECS. */
  readonly cluster: string;
  readonly placement: Readonly<Record<string, unknown>>;
  pinDefinition(wip: Pick<BasicWip, 'kind' | 'group' | 'containerSize'>): Promise<PinnedDefinition>;
  forgetDefinition(arn: string): Promise<void>;
  /** Lists every task that runs on the cluster, whoever started it. Throws when ECS returned only a part of them. */
  listRunning(): Promise<readonly { readonly arn: string; readonly startedBy: string }[]>;
  /**
   * Returns the last lines that a container wrote to CloudWatch Logs; null when its definition sends them elsewhere, or
   * when they cannot be read within seconds.
   */
  readLogTail(taskArn: string, definitionArn: string): Promise<{ readonly name: string; readonly text: string } | null>;
  /** Returns how many machines are registered with the cluster. */
  countInstances(): Promise<number>;
}

/** An ECS cluster with one set of credentials. Opening it may fail. */
export interface KnownCluster {
  readonly name: string;
  open(): Promise<ClusterAccess>;
}

/** A cluster that a new container may go to. */
export interface ClusterCandidate {
  readonly name: string;
  /** Why this cluster was chosen, as a clause. */
  readonly reason: string;
  /** Throws CLUSTER_UNKNOWN when its row is gone. */
  open(): Promise<ClusterAccess>;
}

/** The properties of a task that decide the clusters of its containers. */
type ClusterRequirements = Pick<BasicWip, 'group' | 'clusters'>;

export interface ClusterSet {
  /** Opens the active cluster. Throws CLUSTER_UNKNOWN when its row is gone. */
  openActive(): Promise<ClusterAccess>;
  /** Returns the clusters for a new container of this task, at least one, in the order in which they are tried. */
  listCandidates(wip: ClusterRequirements): Promise<readonly ClusterCandidate[]>;
  /**
   * Opens the ECS cluster that the attempt was launched into, even if its row has changed since. Throws
   * CLUSTER_UNKNOWN when no stored row or attempt leads there.
   */
  openOf(attempt: AttemptCluster): Promise<ClusterAccess>;
  /** Lists every ECS cluster that may hold containers of this installation, once for each set of credentials. */
  list(): Promise<readonly KnownCluster[]>;
}

/** Dependencies of the engine, built once by server.ts. */
export interface EngineDeps {
  readonly db: Db;
  /** The same database, as the steps of tasks use it. */
  readonly store: StepStore;
  readonly identities: Identities;
  /**
   * A connection for lease renewals alone. If renewals queued behind the queries of busy steps, they would come too late and
   * tasks would be lost.
   */
  readonly leaseDb: Db;
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly clusters: ClusterSet;
  readonly agents: Pick<AgentPool, 'connect' | 'drop'>;
  /** Returns the host key of a container without an agent, which no enrolment has reported. */
  readonly readHostKey: typeof readHostKey;
  readonly sendRequest: SendRequest;
  readonly settings: TaskSettings;
  readonly masterKey: MasterKey;
  /** Seals and opens under the master key. */
  readonly sealer: Sealer;
  readonly installationId: string;
  /** Returns the base address under which agents reach this service; known once the service listens. */
  readonly publicUrl: () => string;
  readonly decryptBuildValue: (text: string) => Promise<string>;
  readonly node: string;
  readonly leaseSeconds: number;
  readonly concurrency: number;
  /** Longest life of a child task (seconds). */
  readonly maxRunSeconds: number;
  readonly methodSeconds: number;
  readonly heartbeatSeconds: number;
  readonly sweepSeconds: number;
  readonly clock: Clock;
  /** withinTime of shared/time/within-time.ts, with this node's clock. The test kit has virtual time and does not wait. */
  readonly withinTime: <T>(work: PromiseLike<T>, limit: Omit<TimeLimit, 'clock'>) => Promise<T | typeof LATE>;
  /**
   * Waits until Node has emitted its events for unhandled errors. Null: nothing listens for these events, as in the test kit,
   * which leaves them to the test runner.
   */
  readonly unhandledFound: (() => Promise<void>) | null;
  readonly log: Logger;
  /** Collects all failures of the database, so that an outage is logged only once. */
  readonly outage: DatabaseOutage;
  /** Notifies all nodes, this one too, that a task has become runnable or has ended; called after the commit. */
  readonly notifyNodes: (task: TaskId) => void;
  readonly observer: EngineObserver;
  /** Returns the trace context for a container, so that spans of its build join the trace of the task; null: traces are off. */
  readonly traceparentOf: (taskUuid: string, attemptUuid: string) => string | null;
  readonly failpoint: Failpoint;
}

/** Dependencies of the steps of tasks. None of them is a connection or a process, so the test kit can run steps on plain values. */
export type StepDeps = Pick<
  EngineDeps,
  | 'store'
  | 'identities'
  | 'kinds'
  | 'clusters'
  | 'agents'
  | 'readHostKey'
  | 'settings'
  | 'sealer'
  | 'installationId'
  | 'publicUrl'
  | 'decryptBuildValue'
  | 'node'
  | 'leaseSeconds'
  | 'maxRunSeconds'
  | 'methodSeconds'
  | 'heartbeatSeconds'
  | 'clock'
  | 'withinTime'
  | 'unhandledFound'
  | 'notifyNodes'
  | 'observer'
  | 'traceparentOf'
  | 'failpoint'
> & { readonly log: StepLog };

/** The node's own log, for operators. */
type StepLog = Pick<Logger, 'error' | 'warn' | 'info' | 'debug'>;

/**
 * Awaited before and after every commit and outgoing call of a step. Only the fault harness supplies one, and stops
 * nodes there.
 */
export type Failpoint = (name: string, where?: string) => Promise<void>;

// One promise for all calls, because each step passes five failpoints.
const AT_ONCE = Promise.resolve();

export const NO_FAULTS: Failpoint = () => AT_ONCE;

/**
 * Tells the node to leave the task at once: another node has it, this node is stopping, or the task is paused. Never
 * a task's error.
 */
export class LeaveTask extends Error {
  override readonly name = 'LeaveTask';
  /** `stop-refused`: ECS has not accepted the stop of its container, and the task is ended when it has. */
  readonly why: 'lost' | 'stopping' | 'paused' | 'stop-refused';

  constructor(why: LeaveTask['why']) {
    super(`the task is left: ${why}`);
    this.why = why;
  }
}
