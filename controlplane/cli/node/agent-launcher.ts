import type { Clock } from '../../../shared/support/clock.ts';
import type { Logger } from '../../../shared/support/logger.ts';
import type { Launcher } from '../../localecs/launcher.ts';
import { createProcessLauncher } from '../../localecs/process-launcher.ts';
import { findAgentCommand } from './find-agent-command.ts';

interface AgentLauncherOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Absolute path and arguments of a program that runs in each container in place of the agent. */
  readonly entrypoint?: readonly string[];
}

// Limits of containers without isolation, in the format of the agent's configuration; see config/config.ini.
const AGENT_CONFIG = `; Written by wipctl for containers that are processes of this machine.
[disk]
initial_size = 0
max_workload = 10
[time]
max_workload = 3600
`;

/** Creates the launcher of a local ECS whose containers are agents that run as processes of this machine. */
export async function createAgentLauncher({
  environment,
  clock,
  log,
  entrypoint,
}: AgentLauncherOptions): Promise<Launcher> {
  return createProcessLauncher({
    command: entrypoint ?? (await agentCommand(log)),
    configIni: AGENT_CONFIG,
    searchPath: environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    clock,
  });
}

async function agentCommand(log: Logger): Promise<readonly string[]> {
  const { command, outdated } = await findAgentCommand();
  if (outdated.length > 0) log.warn({ outdated }, 'older than the sources of the agent, not used: build it again');
  return [...command, 'run'];
}
