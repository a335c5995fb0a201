import type { Migration } from '../wip-class.ts';
import { whyNoMemory } from './class-answers.ts';
import { watchedObject } from './no-task.ts';

/** Returns why no task can go on with what a migration returns, as far as this can be told without the memory of one. */
export function whyNoMigration(migration: Migration | undefined): readonly string[] {
  if (!migration) return [];
  const problems = new Set(migration.from.map((from) => whyNotMigrated(migration, from)));
  return [...problems].filter((why) => why !== null).map((why) => `migration.migrate: what it returns ${why}`);
}

function whyNotMigrated(migration: Migration, from: number): string | null {
  const { object: memory, wasRead } = watchedObject();
  try {
    const made: unknown = migration.migrate(from, memory);
    const why = whyNoMemory(made);
    // A migration may return anything for a memory that lacks what every real one has, but never a promise.
    return wasRead() && !(made instanceof Promise) ? null : why;
  } catch {
    return null; // it needs a memory
  }
}
