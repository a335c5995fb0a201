import type { Clock } from '../../../shared/time/clock.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import type { Launcher } from '../../localecs/launcher.ts';
import { createProcessLauncher } from '../../localecs/process/process-launcher.ts';
import { findAgentCommand } from './find-agent-command.ts';
import type { LauncherKind } from './launcher-kind.ts';

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

interface LauncherOptions extends AgentLauncherOptions {
  readonly kind: LauncherKind;
  /** A network of the container engine for its containers. */
  readonly dockerNetwork?: string | undefined;
}

/** Creates the launcher of a local ECS. Throws USAGE for options that do not fit it, and DOCKER_UNAVAILABLE. */
export async function createLauncher({ kind, dockerNetwork, ...options }: LauncherOptions): Promise<Launcher> {
  if (kind === 'process') {
    if (dockerNetwork === undefined) return createAgentLauncher(options);
    throw optionConflict('--docker-network is for containers of a container engine', 'Add --launcher docker');
  }
  if (options.entrypoint) {
    throw optionConflict(
      '--entrypoint is for containers that are processes',
      'Set entryPoint or command in the task definition',
    );
  }
  // Loaded here only: its libraries take longer to load than local ECS takes to start.
  const { connectDocker } = await import('../../localecs/docker/connect-docker.ts');
  const { createDockerLauncher } = await import('../../localecs/docker/docker-launcher.ts');
  const network = dockerNetwork ?? null;
  const docker = await connectDocker({ ...options, network });
  return createDockerLauncher({ docker, network, clock: options.clock, log: options.log });
}

function optionConflict(happened: string, remedy: string): OperationalError {
  return new OperationalError('USAGE', { happened, remedy });
}

/** Creates the launcher of a local ECS whose containers are agents that run as processes of this machine. */
async function createAgentLauncher({ environment, clock, log, entrypoint }: AgentLauncherOptions): Promise<Launcher> {
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
