import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import type { Schema } from '../schema.ts';
import { deleteSetting, getSetting, setSetting } from '../settings/settings.ts';
import { MAINTENANCE } from '../tasks/queue.ts';
import { ANY_TASK, WAKE_CHANNEL } from '../wake-channel.ts';

const Maintenance = z.object({ reason: z.string().nullable(), by: z.string(), since: z.string() });
export type Maintenance = z.infer<typeof Maintenance>;

export async function readMaintenance(db: Kysely<Schema>): Promise<Maintenance | null> {
  const value = await getSetting(db, MAINTENANCE);
  return value === undefined ? null : Maintenance.parse(value);
}

export async function startMaintenance(db: Kysely<Schema>, maintenance: Maintenance): Promise<void> {
  await setSetting(db, MAINTENANCE, maintenance);
}

/**
 * Ends the maintenance. Tasks that waited for its end can start, and do not wait for the next maintenance either. Every node
 * claims at once.
 */
export async function endMaintenance(db: Kysely<Schema>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await deleteSetting(tx, MAINTENANCE);
    await sql`UPDATE task SET starts_after_maintenance = false WHERE starts_after_maintenance`.execute(tx);
    await sql`SELECT pg_notify(${WAKE_CHANNEL}, ${ANY_TASK})`.execute(tx);
  });
}
