import { gigabytes } from '../../shared/model/units.ts';
import type { ReadySignal } from '../../shared/protocol/signals.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { readTextFile } from '../monitor/cgroup.ts';
import { uncoveredMounts } from '../monitor/mounts.ts';
import type { AgentDeps } from './agent-deps.ts';

/** What the ready signal tells of the container; the reporter adds class id and type. */
export function readyFields(
  deps: AgentDeps,
  config: AgentConfig,
  sshPort: number,
): Omit<ReadySignal, 'classId'> & Record<string, unknown> {
  // On a machine that is shared with others its mounts are nobody's news.
  const mountinfo = config.root === null ? (readTextFile('/proc/self/mountinfo') ?? '') : '';
  return {
    pid: deps.pid,
    startTime: deps.startedAt.getTime() / 1_000,
    ...(config.root === null ? {} : { host: config.sshHost }),
    ports: { 22: sshPort },
    socket: config.socketPath,
    shutdownFile: config.shutdownFile,
    initialDisk: gigabytes(config.disk.initialBytes),
    isolation: config.root === null ? 'container' : 'none',
    agentVersion: deps.version,
    uncoveredMounts: uncoveredMounts(mountinfo, config.disk.paths),
  };
}
