import { join } from 'node:path';
import { sha256Hex } from '../keys/signing.ts';

// Files of the agent that programs which run containers must know, because they outlive the container.

/** Directory with files that only the agent may read. */
export const AGENT_STATE_DIRECTORY = '/var/lib/wip-agent';
const SHARED_MEMORY_DIRECTORY = '/dev/shm';

export function spoolFileIn(stateDirectory: string): string {
  return join(stateDirectory, 'spool');
}

/** Returns the file for the agent's last words when its disk is full. */
export function sharedSpoolFile(spoolFile: string, sharedMemoryDirectory = SHARED_MEMORY_DIRECTORY): string {
  return join(sharedMemoryDirectory, `wip-agent-${sha256Hex(spoolFile).slice(0, 16)}.spool`);
}

/**
 * Returns the directory of the agent's socket for a root below which the socket's own path would be too long. It depends on
 * the root alone, so `wip-agent status` and what removes the container find it.
 */
export function shortSocketDirectory(root: string): string {
  return `/tmp/wip-${sha256Hex(root).slice(0, 8)}`;
}
