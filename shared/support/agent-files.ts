import { join } from 'node:path';
import { sha256Hex } from './signing.ts';

// Files of the agent that whoever runs a container has to know of, because the container does not take them with it.

/** Holds what only the agent may read. */
export const AGENT_STATE_DIRECTORY = '/var/lib/wip-agent';
const SHARED_MEMORY_DIRECTORY = '/dev/shm';

export function spoolFileIn(stateDirectory: string): string {
  return join(stateDirectory, 'spool');
}

/** Where the agent keeps its last words when its disk cannot take them. */
export function sharedSpoolFile(spoolFile: string, sharedMemoryDirectory = SHARED_MEMORY_DIRECTORY): string {
  return join(sharedMemoryDirectory, `wip-agent-${sha256Hex(spoolFile).slice(0, 16)}.spool`);
}
