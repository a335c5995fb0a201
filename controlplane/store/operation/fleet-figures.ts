import { sql, type Kysely } from 'kysely';
import { LIVE } from '../literals.ts';
import type { Schema } from '../schema.ts';
import { NODE_LIVE_SECONDS } from '../settings/node-life.ts';
import { countAbandoned } from './abandoned.ts';
import { isQueued } from '../tasks/queue.ts';

/** Figures of the installation besides its counts of tasks. */
export interface FleetFigures {
  /** Nodes with a recent heartbeat. */
  readonly nodes: number;
  /** Seconds that the first task of each group has been queued; groups without one are left out. */
  readonly queues: readonly { readonly group: string; readonly oldestSeconds: number }[];
  /** Containers that live or may live, by the name of the cluster they were launched with. */
  readonly containers: readonly { readonly cluster: string; readonly count: number }[];
  /** Tasks that no node takes: their lease ended a while ago, or no living node has their class. */
  readonly abandoned: number;
}

// Every node searches for ended leases every second. If one has not been found within a minute, no node will take its task.
const ABANDONED_SECONDS = 60;

export async function readFleetFigures(db: Kysely<Schema>): Promise<FleetFigures> {
  const { rows } = await sql<Omit<FleetFigures, 'abandoned'>>`
    SELECT
      (SELECT count(*)::integer FROM node WHERE seen_at > now() - make_interval(secs => ${NODE_LIVE_SECONDS})) AS nodes,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('group', group_name, 'oldestSeconds', seconds)), '[]') FROM (
        SELECT group_name, greatest(0, extract(epoch FROM now() - min(wake_at)))::float8 AS seconds FROM task
        WHERE ${isQueued} GROUP BY group_name) queued) AS queues,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('cluster', cluster, 'count', count)), '[]') FROM (
        SELECT cluster, count(*) AS count FROM container_attempt WHERE state IN ${LIVE} GROUP BY cluster) live) AS containers`.execute(
    db,
  );
  const { leaseless, classless } = await countAbandoned(db, ABANDONED_SECONDS);
  return { ...rows[0]!, abandoned: classless.reduce((sum, { tasks }) => sum + tasks, leaseless) };
}
