import type { Clock } from '../shared/time/clock.ts';
import type { Logger } from '../shared/system/logger.ts';
import type { Secret } from '../shared/keys/secret.ts';
import type { FindDashboard } from './api/dashboard/dashboard-service.ts';
import type { Metrics } from './api/metrics/metrics-service.ts';
import type { TaskTracing } from './tracing/task-tracing.ts';
import type { explainSettings } from './clusters/effective-settings.ts';
import type { ControlPlaneConfig } from './config-fields.ts';
import type { Hook } from './hooks/hook.ts';
import type { Failpoint } from './engine/engine-deps.ts';
import type { Installation } from './node/join-installation.ts';
import type { NodeClients } from './node/node-clients.ts';
import type { NodeDatabase } from './node/node-database.ts';
import type { EcsClusterStore } from './store/clusters/ecs-cluster-store.ts';
import type { Db } from './store/schema.ts';
import type { WipClass } from './tasks/wip-class.ts';

export interface ControlPlaneOptions {
  readonly config: ControlPlaneConfig;
  /** For `WIP_ECS__…`, and to tell where settings are from; everything else of the environment is in `config`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The file that was named for `config`; only to tell where settings are from. */
  readonly configFile?: string | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Task classes beside those that are shipped. */
  readonly kinds?: readonly WipClass[];
  /**
   * Called after the database is open and before any task runs: a development system starts its local ECS here. The
   * returned function closes it again, after the engine has stopped and while agents can still report.
   */
  readonly prepare?: (parts: { db: Db; clusters: EcsClusterStore }) => Promise<() => Promise<void>>;
  /** Returns the directory of the built dashboard. Without it, there is none. */
  readonly findDashboard?: FindDashboard;
  /** The token that a browser on this machine gets a session with, without signing in: of a development system. */
  readonly loopbackToken?: Secret<string>;
  /** Fault injection; given by the fault harness alone. */
  readonly failpoint?: Failpoint;
  /** Ends the wait for a database that is not there yet. */
  readonly stop?: AbortSignal;
  /** The node cannot go on; its owner should close it and end the program. */
  readonly onFatal?: (why: string) => void;
}

/** The parts of a node before it runs. */
export interface NodeState {
  /** What is built for webhooks. */
  readonly hooks: readonly Hook[];
  /** Every setting with where it is from. */
  readonly settings: ReturnType<typeof explainSettings>;
  readonly options: ControlPlaneOptions;
  readonly database: NodeDatabase;
  readonly metrics: Metrics;
  readonly tracing: TaskTracing;
  readonly clients: NodeClients;
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly installation: Installation;
  /** The address for agents and people. Without a public one it is empty until the node listens. */
  url: string;
}
