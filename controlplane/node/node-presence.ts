import { OperationalError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Logger } from '../../shared/system/logger.ts';
import type { DatabaseOutage } from '../store/database-outage.ts';
import type { Db } from '../store/schema.ts';
import type { JoinedDatabase } from '../store/operation/joined-database.ts';
import { NODE_LIVE_SECONDS } from '../store/settings/node-life.ts';
import type { ClassVersion } from '../tasks/checks/class-versions.ts';
import { heartbeatNode, liveNodes, removeNode, undoHeartbeat } from '../store/settings/nodes.ts';
import type { MasterKeys } from '../keys/master-keys.ts';
import { followSealingKey } from '../keys/sealing-key.ts';
import type { Namesake } from './namesake.ts';

const HEARTBEAT_SECONDS = 10;

export interface NodePresence {
  readonly node: { readonly name: string; readonly version: string; readonly classes?: readonly ClassVersion[] };
  readonly keys: MasterKeys;
  readonly namesake: Namesake;
  readonly joined: JoinedDatabase;
  /** The node cannot open what the installation seals, and must end before it fails tasks for it. */
  readonly onFatal?: (why: string) => void;
  readonly db: Db;
  /** Called with the number of nodes that live, this one among them. */
  readonly onCount: (count: number) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly outage: DatabaseOutage;
}

/**
 * Follows the key that the installation seals with, then tells the other nodes that this one lives and which keys it
 * has. Returns whether another process has come that goes by the same name.
 */
export async function announceNode({
  node,
  keys,
  namesake,
  db,
  clock,
}: Pick<NodePresence, 'node' | 'keys' | 'namesake' | 'db'> & Partial<Pick<NodePresence, 'clock'>>): Promise<boolean> {
  await followSealingKey(db, keys);
  const answer = await heartbeatNode(db, {
    ...node,
    masterKeys: keys.ids,
    sealingKey: keys.sealingId,
    incarnation: namesake.incarnation,
    ...(clock && { now: clock.now() }),
  });
  return namesake.note(answer);
}

/** Announces the node every 10 s until `stop` aborts, and then removes it. */
export async function keepNodeAlive(presence: NodePresence, stop: AbortSignal): Promise<void> {
  const { node, joined, db, onCount, onFatal, clock, log, outage } = presence;
  while (!stop.aborted) {
    try {
      await joined.checkPool(db);
      if (await announceNode(presence)) {
        log.error(
          { node: node.name },
          'ALERT: another process goes by the name of this node: each needs one of its own',
        );
      }
      onCount(Math.max(1, (await liveNodes(db, NODE_LIVE_SECONDS)).length));
    } catch (error) {
      if (error instanceof OperationalError && error.code === 'MASTER_KEY_MISSING') onFatal?.(error.message);
      if (!outage.note(error, 'the heartbeat of this node'))
        log.warn({ err: error }, 'the heartbeat of this node failed');
    }
    await clock.sleep(HEARTBEAT_SECONDS * 1_000, stop);
  }
  await leave(presence).catch((error: unknown) => log.warn({ err: error }, 'removing this node failed'));
}

/** The row stays with the other process of this name: without it, its share of the work would be given away while it lives. */
async function leave({ node: { name }, namesake, db }: NodePresence): Promise<void> {
  const { incarnation, isThere, otherSeenAt: seenAt } = namesake;
  if (incarnation === null || isThere) return;
  if (seenAt === null) await removeNode(db, { name, incarnation });
  else await undoHeartbeat(db, { name, incarnation, seenAt });
}
