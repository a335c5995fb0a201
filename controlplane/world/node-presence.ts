import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import type { Db } from '../store/schema.ts';
import { heartbeatNode, liveNodes, removeNode } from '../store/settings/nodes.ts';

// Three words a lease: a node that has missed them all is not counted when the ECS quotas are shared out.
const HEARTBEAT_MS = 10_000;
export const NODE_LIVE_SECONDS = 35;

export interface NodePresence {
  readonly node: { readonly name: string; readonly version: string };
  readonly db: Db;
  /** Told how many nodes live, this one among them. */
  readonly onCount: (count: number) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Tells the others every 10 s that this node lives, and when it stops. */
export async function keepNodeAlive(presence: NodePresence, stop: AbortSignal): Promise<void> {
  const { node, db, onCount, clock, log } = presence;
  while (!stop.aborted) {
    try {
      await heartbeatNode(db, node);
      onCount(Math.max(1, (await liveNodes(db, NODE_LIVE_SECONDS)).length));
    } catch (error) {
      log.warn({ err: error }, 'the heartbeat of this node failed');
    }
    await clock.sleep(HEARTBEAT_MS, stop);
  }
  await removeNode(db, node.name).catch((error: unknown) => log.warn({ err: error }, 'removing this node failed'));
}
