import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AgentComponents } from './agent-components.ts';
import { isAlone, sweepNamespace } from '../process/trees/end-trees.ts';
import { commandLine } from '../process/trees/reaper.ts';
import type { AgentDeps } from './agent-deps.ts';

/** Bounds the sweep of a namespace whose processes fork as fast as they die. */
const SWEEP_MS = 2_000;

/**
 * Ends every process that is left where only the build's processes can be, whether or not it proves to be one of them.
 */
export async function sweepIfAlone(
  deps: Pick<AgentDeps, 'pid' | 'parentPid' | 'clock'>,
  { config, log }: AgentComponents,
): Promise<void> {
  if (config.root !== null || !isAlone(commandLine(1), commandLine(deps.pid), deps.parentPid)) return;
  const left = await sweepNamespace(deps.clock, SWEEP_MS);
  if (left > 0) log.warn({ left }, 'processes survived the sweep');
}

/**
 * Removes the raw output of processes, which may hold secrets, and the socket, which would mislead without a listener.
 */
export function cleanUp({ outputDirectory, config, log }: AgentComponents): void {
  const socketDirectory = config.socketDirectoryIsOwn ? [dirname(config.socketPath)] : [];
  for (const path of [outputDirectory, config.socketPath, ...socketDirectory]) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      // The disk may be read-only. All signals are delivered by now, and the exit code is about the container.
      log.warn({ error, path }, 'could not clean up');
    }
  }
}
