import { loadConfig } from '../../controlplane/config.ts';
import { startControlPlane, type ControlPlane } from '../../controlplane/server.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Logger } from '../../shared/system/logger.ts';
import { faultKinds } from './kinds.ts';
import type { NodeOrder } from './node-order.ts';

export interface NodeEdges {
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with a line for each run of a state's method. */
  readonly journal: (line: string) => void;
  readonly failpoint: (name: string, where?: string) => Promise<void>;
}

/** Starts the product's own control-plane node according to its order, with hurried time and failpoints. */
export function startNode(order: NodeOrder, { clock, log, journal, failpoint }: NodeEdges): Promise<ControlPlane> {
  const config = loadConfig({
    environment: {},
    given: {
      mode: 'development',
      database_url: order.databaseUrl,
      database_pool: order.databasePool,
      port: 0,
      public_url: order.publicUrl,
      node: order.name,
      master_key: order.masterKey,
      lease_seconds: order.leaseSeconds,
      // A method's time is hurried, the work of two cores is not.
      method_seconds: 300,
    },
  });
  return startControlPlane({
    config,
    environment: {},
    version: 'faults',
    clock,
    random: Math.random,
    log,
    kinds: faultKinds(journal),
    failpoint,
  });
}
