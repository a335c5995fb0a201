import { statfs } from 'node:fs/promises';
import { TASK_STATUS, type TaskStatus } from '../../../shared/model/status.ts';
import { formatSeconds } from '../../../shared/model/units.ts';
import { listLaunchBlocks, type LaunchBlock } from '../../store/operation/launch-blocks.ts';
import type { Db } from '../../store/schema.ts';
import { countByStatus } from '../../store/tasks/read-tasks.ts';
import type { PingAnswer } from './health-views.ts';

/** Tells whether this node can serve. */
export interface HealthService {
  readonly version: string;
  countTasks(): Promise<PingAnswer['tasks']>;
  /**
   * Returns a clause for each reason why this node should get no requests now; nothing when the database is
   * reachable, its schema is there and the engine claims.
   */
  findReasonsNotReady(): Promise<readonly string[]>;
  /**
   * Returns a sentence for each reason why launches lead to no container at present. The node is ready all the same:
   * no other node would launch them.
   */
  findLaunchBlocks(): Promise<readonly string[]>;
}

export interface HealthServiceDeps {
  readonly db: Db;
  readonly version: string;
  /** Returns whether the node was asked to end, or ends. */
  readonly isEnding: () => boolean;
  readonly reasonsNotReady: () => readonly string[];
  /** A directory that this node writes to; null when it has none. */
  readonly directory: string | null;
}

// A file of PostgreSQL's write-ahead log has this size (wal_segment_size): an embedded server without room for the next
// one stops.
const LEAST_FREE_BYTES = 16 * 1024 * 1024;

export function createHealthService(deps: HealthServiceDeps): HealthService {
  return {
    version: deps.version,
    countTasks: () => countTasks(deps.db),
    findReasonsNotReady: async () => {
      const ending = deps.isEnding() ? ['this node is ending'] : [];
      const full = deps.directory === null ? [] : await reasonsOfDisk(deps.directory);
      return [...ending, ...deps.reasonsNotReady(), ...full];
    },
    // Without its database the node says that it is not ready, which is enough.
    findLaunchBlocks: async () => (await listLaunchBlocks(deps.db).catch(() => [])).map(sayLaunchBlock),
  };
}

/** Tells of tasks that wait to be launched, in the words that the tasks themselves show. */
export function sayLaunchBlock({ clause, remedy, seconds, tasks }: LaunchBlock): string {
  const waiting = `${tasks} ${tasks === 1 ? 'task has' : 'tasks have'} waited ${formatSeconds(seconds)} for a launch`;
  return `${waiting} because ${clause.replace(/\.$/, '')}.${remedy === null ? '' : ` ${remedy}.`}`;
}

async function countTasks(db: Db): Promise<PingAnswer['tasks']> {
  const counts = await countByStatus(db);
  const names = Object.keys(TASK_STATUS) as TaskStatus[];
  return Object.fromEntries(names.map((name) => [name, counts[name] ?? 0])) as PingAnswer['tasks'];
}

async function reasonsOfDisk(directory: string): Promise<string[]> {
  // A directory that is not there yet is no full disk.
  const disk = await statfs(directory).catch(() => null);
  const freeBytes = disk === null ? Infinity : disk.bavail * disk.bsize;
  if (freeBytes >= LEAST_FREE_BYTES) return [];
  return [`the disk of ${directory} is full: ${(freeBytes / 1e6).toFixed(1)} MB are free`];
}
