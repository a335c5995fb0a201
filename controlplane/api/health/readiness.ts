import { statfs } from 'node:fs/promises';
import { OperationalError } from '../../../shared/model/error.ts';
import type { ControlPlaneConfig } from '../../config.ts';
import type { TaskSubmitWorld } from '../tasks/task-routes.ts';

export interface ReadinessParts {
  /** Asked to end, or ending. */
  readonly isEnding: () => boolean;
  readonly reasonsNotReady: () => readonly string[];
  /** A directory that this node writes to; null when it has none. */
  readonly directory: string | null;
}

// One file of PostgreSQL's write-ahead log (wal_segment_size): an embedded server that finds no room for the next one stops.
const LEAST_FREE_BYTES = 16 * 1024 * 1024;

/** Why this node should get no requests now, a clause each; empty when it should. */
export async function readReasonsNotReady(parts: ReadinessParts): Promise<readonly string[]> {
  const ending = parts.isEnding() ? ['this node is ending'] : [];
  const full = parts.directory === null ? [] : await reasonsOfDisk(parts.directory);
  return [...ending, ...parts.reasonsNotReady(), ...full];
}

async function reasonsOfDisk(directory: string): Promise<string[]> {
  // A directory that is not there yet is no full disk.
  const disk = await statfs(directory).catch(() => null);
  const freeBytes = disk === null ? Infinity : disk.bavail * disk.bsize;
  if (freeBytes >= LEAST_FREE_BYTES) return [];
  return [`the disk of ${directory} is full: ${(freeBytes / 1e6).toFixed(1)} MB are free`];
}

/**
 * Takes no new task once the node is ending, where its database ends with it: nobody would run the task. Elsewhere the
 * other nodes do.
 */
export function refuseWhenAlone(
  addTask: TaskSubmitWorld['addTask'],
  config: Pick<ControlPlaneConfig, 'database_url'>,
  isEnding: () => boolean,
): TaskSubmitWorld['addTask'] {
  if (config.database_url !== undefined) return addTask;
  return async (task) => {
    if (!isEnding()) return addTask(task);
    throw new OperationalError('NODE_ENDING', {
      happened: 'This node is ending, and there is no other one on its embedded database that would run the task',
      remedy: 'Send it again once the node has been started again',
    });
  };
}
