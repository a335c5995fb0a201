import { LRUCache } from 'lru-cache';
import type { Db } from '../../store/schema.ts';
import { readGroupTimes, type GroupTimes } from '../../store/tasks/queue-positions.ts';

/** Tells what the tasks of a group usually take. */
export interface GroupTimesService {
  /** Groups in which nothing has ended are absent. */
  findTimes(groups: readonly string[]): Promise<ReadonlyMap<string, GroupTimes>>;
}

// One more task moves a median little: a minute old is good enough.
const CACHED = { max: 5_000, ttl: 60_000 };

export function createGroupTimesService(db: Db): GroupTimesService {
  const cache = new LRUCache<string, { readonly times: GroupTimes | null }>(CACHED);
  return {
    async findTimes(groups) {
      const missing = groups.filter((name) => !cache.has(name));
      if (missing.length > 0) {
        const read = new Map((await readGroupTimes(db, missing)).map((times) => [times.group, times]));
        for (const name of missing) cache.set(name, { times: read.get(name) ?? null });
      }
      return new Map(
        groups.flatMap((name) => {
          const times = cache.get(name)?.times;
          return times ? [[name, times]] : [];
        }),
      );
    },
  };
}
