import { sql, type Kysely, type RawBuilder, type Selectable } from 'kysely';
import { STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import type { NodeTable } from '../schema/operation-tables.ts';
import type { ClassVersion } from '../../tasks/checks/class-versions.ts';
import { classesSetting } from './node-classes.ts';
import { NODE_LIVE_SECONDS } from './node-life.ts';

// A living node may be unable to reach ECS. After this time at the latest, another node sweeps its share.
const SWEEP_PERIOD_SECONDS = 600;

export interface NodeRow extends Selectable<NodeTable> {
  /** How long the node has sealed with its present key. */
  readonly sealingSeconds: number | null;
}

export interface NodeHeartbeat {
  readonly name: string;
  readonly version: string;
  /** Ids of the node's master keys, and of the one that it seals with. */
  readonly masterKeys?: readonly string[];
  readonly sealingKey?: string;
  /** The classes whose tasks it takes. */
  readonly classes?: readonly ClassVersion[];
  /** The time by the clock of the node. */
  readonly now?: Date;
  /** The answer to the first heartbeat of this process; null or absent in the first. */
  readonly incarnation?: string | null;
}

export interface HeartbeatAnswer {
  /** Distinguishes this process from another one with the same node name: the database's time of its first heartbeat. */
  readonly incarnation: string;
  /** Another process has written the row since the last heartbeat of this one. */
  readonly hasNamesake: boolean;
  /**
   * Only in the answer to the first heartbeat: when another process, which may still live, last wrote the row; null: no process
   * did recently.
   */
  readonly otherSeenAt: string | null;
}

/** Notes that a node lives. `startedAt` is the time of the first heartbeat of the process that wrote the row last. */
export async function heartbeatNode(db: Kysely<Schema>, node: NodeHeartbeat): Promise<HeartbeatAnswer> {
  const { name, version, masterKeys, sealingKey, classes, now, incarnation = null } = node;
  const said = classes === undefined ? null : JSON.stringify(classes);
  const offset = sql`extract(epoch FROM ${now ?? null}::timestamptz - clock_timestamp())::float8 * 1000`;
  const { rows } = await sql<HeartbeatAnswer>`
    WITH before AS (SELECT started_at, seen_at FROM node WHERE name = ${name}),
    written AS (
      INSERT INTO node (name, version, started_at, master_keys, sealing_key, sealing_since, clock_offset_ms)
      VALUES (${name}, ${version}, coalesce(${incarnation}::timestamptz, now()), ${masterKeys ?? null}::text[],
        ${sealingKey ?? null}::text, now(), ${offset})
      ON CONFLICT (name) DO UPDATE SET version = excluded.version, started_at = excluded.started_at, seen_at = now(),
        master_keys = excluded.master_keys, sealing_key = excluded.sealing_key, clock_offset_ms = excluded.clock_offset_ms,
        sealing_since = CASE WHEN node.sealing_key = excluded.sealing_key THEN node.sealing_since ELSE now() END
      RETURNING started_at),
    said AS (
      INSERT INTO setting (name, value)
      SELECT ${classesSetting(sql`${name}::text`)}, jsonb_build_object('since', started_at, 'classes', ${said}::jsonb)
      FROM written WHERE ${said}::jsonb IS NOT NULL
      ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = now()
        WHERE setting.value IS DISTINCT FROM excluded.value)
    SELECT to_json(started_at) #>> '{}' AS incarnation,
      EXISTS (SELECT FROM before WHERE started_at <> ${incarnation}::timestamptz) AS has_namesake,
      (SELECT to_json(seen_at) #>> '{}' FROM before WHERE ${incarnation}::text IS NULL
        AND seen_at > now() - make_interval(secs => ${NODE_LIVE_SECONDS})) AS other_seen_at FROM written`.execute(db);
  const [answer] = rows;
  if (!answer) throw new Error(`the heartbeat of the node ${name} was not written`);
  return answer;
}

/** Stores the start report of a node. It is dropped when the node has no row yet, which is written within seconds of the start. */
export async function saveStartReport(db: Kysely<Schema>, name: string, report: object): Promise<void> {
  await sql`UPDATE node SET start_report = ${JSON.stringify(report)}::jsonb WHERE name = ${name}`.execute(db);
}

/** Removes the row of a node unless another process has written it since. */
export async function removeNode(
  db: Kysely<Schema>,
  { name, incarnation }: { readonly name: string; readonly incarnation: string },
): Promise<void> {
  await deleteNodes(db, sql`name = ${name} AND started_at = ${incarnation}::timestamptz`);
}

/**
 * Undoes a heartbeat of a process whose node name may belong to another process: the row then expires as after the other
 * process's last heartbeat, unless that one sends another.
 */
export async function undoHeartbeat(
  db: Kysely<Schema>,
  { name, incarnation, seenAt }: { readonly name: string; readonly incarnation: string; readonly seenAt: string },
): Promise<void> {
  await sql`UPDATE node SET seen_at = ${seenAt}::timestamptz
    WHERE name = ${name} AND started_at = ${incarnation}::timestamptz`.execute(db);
}

/** Deletes the rows of killed nodes, whose successors may have other names. */
export async function forgetDeadNodes(db: Kysely<Schema>, silentDays: number): Promise<void> {
  await deleteNodes(db, sql`seen_at < now() - make_interval(days => ${silentDays})`);
}

async function deleteNodes(db: Kysely<Schema>, which: RawBuilder<unknown>): Promise<void> {
  await sql`
    WITH gone AS (DELETE FROM node WHERE ${which} RETURNING name)
    DELETE FROM setting WHERE name IN (SELECT ${classesSetting(sql`gone.name`)} FROM gone)`.execute(db);
}

export async function liveNodes(db: Kysely<Schema>, withinSeconds: number): Promise<NodeRow[]> {
  return db
    .selectFrom('node')
    .selectAll()
    .select(sql<number | null>`extract(epoch FROM now() - sealing_since)::float8`.as('sealingSeconds'))
    .where('seenAt', '>', sql<Date>`now() - make_interval(secs => ${withinSeconds})`)
    .orderBy('name')
    .execute();
}

/**
 * Returns the names of the nodes that live, and the number of the present period. Both come from the database, so that all nodes
 * divide the sweep in the same way.
 */
export async function listSweepers(db: Kysely<Schema>): Promise<{ nodes: string[]; period: number }> {
  const { rows } = await sql<{ nodes: string[]; period: number }>`
    SELECT coalesce(array_agg(name ORDER BY name), '{}') AS nodes,
      floor(extract(epoch FROM now()) / ${SWEEP_PERIOD_SECONDS})::float8 AS period
    FROM node WHERE seen_at > now() - make_interval(secs => ${NODE_LIVE_SECONDS})`.execute(db);
  return rows[0] ?? { nodes: [], period: 0 };
}

/** What a node holds: the tasks that it steps now, and the first of their leases to end. */
export interface NodeLeases {
  readonly held: number;
  readonly shortestSeconds: number;
}

/** By the name of the node; one that holds no task is absent. */
export async function readNodeLeases(db: Kysely<Schema>): Promise<ReadonlyMap<string, NodeLeases>> {
  const { rows } = await sql<NodeLeases & { owner: string }>`
    SELECT owner, count(*) AS held, extract(epoch FROM min(lease_until) - now())::float8 AS shortest_seconds FROM task
    WHERE status = ${STATUS.PROCESSING} AND owner IS NOT NULL GROUP BY owner`.execute(db);
  return new Map(rows.map(({ owner, ...leases }) => [owner, leases]));
}
