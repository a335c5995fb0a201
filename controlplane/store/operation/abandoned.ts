import { sql, type Kysely } from 'kysely';
import { RESTING, STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import { readLivingClasses } from '../settings/node-classes.ts';
import { classKey, type ClassVersion } from '../../tasks/checks/class-versions.ts';

/** Tasks that have not ended and that no node takes. */
export interface Abandoned {
  /** Tasks whose lease ended so long ago that some node should have taken them over. */
  readonly leaseless: number;
  /** No living node has the class that saved them, so that they do not go on. */
  readonly classless: readonly (ClassVersion & { readonly tasks: number })[];
}

/** Counts abandoned tasks; a task for which both apply is counted by its class only. */
export async function countAbandoned(db: Kysely<Schema>, graceSeconds: number): Promise<Abandoned> {
  const living = await readLivingClasses(db);
  const { rows } = await sql<ClassVersion & { leaseless: number; tasks: number }>`
    SELECT kind, class_version, count(*) AS tasks,
      count(*) FILTER (WHERE status = ${STATUS.PROCESSING}
        AND lease_until < now() - make_interval(secs => ${graceSeconds})) AS leaseless
    FROM task WHERE status IN ${RESTING} OR (status = ${STATUS.PROCESSING} AND lease_until <= now())
    GROUP BY kind, class_version ORDER BY kind, class_version`.execute(db);
  const hasNode = (row: ClassVersion): boolean => living === null || living.has(classKey(row));
  return {
    leaseless: rows.filter(hasNode).reduce((sum, { leaseless }) => sum + leaseless, 0),
    classless: rows
      .filter((row) => !hasNode(row))
      .map(({ kind, classVersion, tasks }) => ({ kind, classVersion, tasks })),
  };
}
