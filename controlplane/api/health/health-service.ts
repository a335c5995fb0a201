import { statfs } from 'node:fs/promises';
import { TASK_STATUS, type TaskStatus } from '../../../shared/model/status.ts';
import { formatSeconds } from '../../../shared/model/units.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { LATE, withinTime } from '../../../shared/time/within-time.ts';
import { listLaunchBlocks, type LaunchBlock } from '../../store/operation/launch-blocks.ts';
import type { Db } from '../../store/schema.ts';
import type { TroubleWords } from '../../store/trouble-words.ts';
import { countByStatus } from '../../store/tasks/read-tasks.ts';
import type { PingAnswer } from './health-views.ts';

/** Tells whether this node can serve. */
export interface HealthService {
  readonly version: string;
  countTasks(): Promise<PingAnswer['tasks']>;
  /** Answers within some seconds, also when the database does not. */
  findReadiness(): Promise<Readiness>;
}

export interface Readiness {
  /**
   * A clause for each reason why this node should get no requests now; empty when the database is reachable, its schema exists
   * and the engine claims.
   */
  readonly reasons: readonly string[];
  /**
   * A sentence for each reason why containers cannot be launched at present. The node is ready all the same, because no other
   * node could launch them either.
   */
  readonly launches: readonly string[];
}

export interface HealthServiceDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly version: string;
  /** Returns whether the node was asked to end or is ending. */
  readonly isEnding: () => boolean;
  readonly whyEngineNotReady: () => TroubleWords | null;
  /** A directory that this node writes to; null when it has none. */
  readonly directory: string | null;
}

// A file of PostgreSQL's write-ahead log has this size (wal_segment_size): an embedded server without room for the next
// one stops.
const LEAST_FREE_BYTES = 16 * 1024 * 1024;

// Health checks of load balancers wait for some seconds: an AWS target group for 5 by default.
const DATABASE_LIMIT_MS = 2_000;

export function createHealthService(deps: HealthServiceDeps): HealthService {
  return {
    version: deps.version,
    countTasks: () => countTasks(deps.db),
    findReadiness: async () => {
      const ending = deps.isEnding() ? ['this node is ending'] : [];
      const full = deps.directory === null ? [] : await reasonsOfDisk(deps.directory);
      const trouble = deps.whyEngineNotReady();
      const reasons = [...ending, ...(trouble ? [trouble.reason] : []), ...full];
      return reasons.length > 0 ? { reasons, launches: [] } : findLaunchBlocks(deps);
    },
  };
}

async function findLaunchBlocks({ db, clock }: HealthServiceDeps): Promise<Readiness> {
  // The engine notices a failing database and states the reason.
  const blocks = await withinTime(
    listLaunchBlocks(db).catch(() => []),
    { clock, limitMs: DATABASE_LIMIT_MS },
  );
  if (blocks !== LATE) return { reasons: [], launches: blocks.map(sayLaunchBlock) };
  const late = `the database has not answered within ${formatSeconds(DATABASE_LIMIT_MS / 1000)}`;
  return { reasons: [late], launches: [] };
}

/** Returns a sentence about tasks that wait to be launched, in the same words that the tasks show. */
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
  // A missing directory does not mean a full disk: the server may not have made it yet.
  const disk = await statfs(directory).catch(() => null);
  const freeBytes = disk === null ? Infinity : disk.bavail * disk.bsize;
  if (freeBytes >= LEAST_FREE_BYTES) return [];
  return [`the disk of ${directory} is full: ${(freeBytes / 1e6).toFixed(1)} MB are free`];
}
