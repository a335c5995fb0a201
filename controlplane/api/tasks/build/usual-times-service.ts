import { LRUCache } from 'lru-cache';
import type { TaskId } from '../../../../shared/model/ids.ts';
import type { Db } from '../../../store/schema.ts';
import {
  readUsualSeconds,
  readUsualTimes,
  type BuildLineage,
  type UsualSeconds,
  type UsualTimes,
} from '../../../store/tasks/usual-times.ts';
import { CONTAINER_STOP_STATE } from '../../../tasks/container/container-state-tables.ts';
import type { SourceView, UsualView } from './build-views.ts';

/** Tells how long builds usually take. */
export interface UsualTimesService {
  /** Returns the seconds from start to end for each task, in their order; null: no other task alike has succeeded. */
  findSeconds(tasks: readonly ComparedTask[]): Promise<readonly (number | null)[]>;
  /** Returns the times of the phases; null: no other task alike has succeeded. */
  findTimes(task: ComparedTask): Promise<UsualView | null>;
}

interface ComparedTask {
  readonly id: TaskId;
  readonly group: string;
  readonly source: SourceView | null;
}

// Many people look at the same builds, and one more success moves a median little: a minute old is good enough.
const CACHED = { max: 5_000, ttl: 60_000 };

export function createUsualTimesService(db: Db): UsualTimesService {
  const seconds = new LRUCache<string, UsualSeconds>(CACHED);
  const times = new LRUCache<string, { readonly read: UsualTimes | null }>(CACHED);
  return {
    async findSeconds(tasks) {
      const keys = tasks.map(keyOf);
      const missing = new Map(keys.flatMap((key) => (key && !seconds.has(textOf(key)) ? [[textOf(key), key]] : [])));
      const found = await readUsualSeconds(db, [...missing.values()]);
      [...missing.keys()].forEach((key, index) => seconds.set(key, found[index]!));
      return tasks.map(({ id }, index) => {
        const key = keys[index];
        const usual = key ? seconds.get(textOf(key)) : undefined;
        return !usual || usual.onlyTask === id ? null : usual.seconds;
      });
    },
    async findTimes(task) {
      const key = keyOf(task);
      if (!key) return null;
      const known = times.get(textOf(key)) ?? { read: await readUsualTimes(db, key, CONTAINER_STOP_STATE) };
      times.set(textOf(key), known);
      const { read } = known;
      return !read || read.onlyTask === task.id ? null : { samples: read.samples, ...read.phases };
    },
  };
}

function keyOf({ group, source }: ComparedTask): BuildLineage | null {
  return source?.branch ? { group, repository: source.repository, branch: source.branch } : null;
}

function textOf({ group, repository, branch }: BuildLineage): string {
  return JSON.stringify([group, repository, branch]);
}
