import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Schema } from '../schema.ts';
import { deleteSetting, getSetting, setSetting } from '../settings/settings.ts';

/** Name in `setting`. The setting is there while the maintenance lasts, so a maintenance outlives every node. */
const MAINTENANCE = 'maintenance';

const Maintenance = z.object({ reason: z.string().nullable(), by: z.string(), since: z.string() });
export type Maintenance = z.infer<typeof Maintenance>;

export async function readMaintenance(db: Kysely<Schema>): Promise<Maintenance | null> {
  const value = await getSetting(db, MAINTENANCE);
  return value === undefined ? null : Maintenance.parse(value);
}

export async function startMaintenance(db: Kysely<Schema>, maintenance: Maintenance): Promise<void> {
  await setSetting(db, MAINTENANCE, maintenance);
}

export async function endMaintenance(db: Kysely<Schema>): Promise<void> {
  await deleteSetting(db, MAINTENANCE);
}
