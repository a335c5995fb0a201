import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AgentComponents } from './agent-components.ts';
import { isAlone, sweepNamespace } from '../process/end-trees.ts';
import { commandLine } from '../process/reaper.ts';
import type { AgentDeps } from './agent-deps.ts';

/** Bounds the sweep of a namespace whose processes fork as fast as they die. */
const SWEEP_MS = 2_000;

/** Ends what escaped every proof of being ours, where nobody but us can be. */
export async function sweepIfAlone(
  deps: Pick<AgentDeps, 'pid' | 'parentPid' | 'clock'>,
  { config, log }: AgentComponents,
): Promise<void> {
  if (config.root !== null || !isAlone(commandLine(1), commandLine(deps.pid), deps.parentPid)) return;
  const left = await sweepNamespace(deps.clock, SWEEP_MS);
  if (left > 0) log.warn({ left }, 'processes survived the sweep');
}

/** The raw output of processes may hold secrets, and a socket without a listener only misleads. */
export function cleanUp({ outputDirectory, config, log }: AgentComponents): void {
  const socketDirectory = config.socketDirectoryIsOwn ? [dirname(config.socketPath)] : [];
  for (const path of [outputDirectory, config.socketPath, ...socketDirectory]) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      // A read-only disk, say. Everything has been said, and the exit code is about the container.
      log.warn({ error, path }, 'could not clean up');
    }
  }
}
