import { findAgentCommand } from '../../../controlplane/cli/node/find-agent-command.ts';
import type { Launcher } from '../../../controlplane/localecs/launcher.ts';
import { createProcessLauncher } from '../../../controlplane/localecs/process/process-launcher.ts';
import type { LocalEcs } from '../../../controlplane/localecs/start-local-ecs.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Log } from '../../../shared/system/log.ts';
import { createSimulatedLauncher } from '../agent/simulated-launcher.ts';
import { endByEcs } from './local-faults.ts';
import type { TaskScripts } from './task-scripts.ts';

export interface AgentsDeps {
  readonly scripts: TaskScripts;
  readonly clock: Clock;
  readonly log: Log;
  /** Returns local ECS, which is started with these agents. */
  readonly ecs: () => LocalEcs;
  /** Directory of the system, which is removed at its end. */
  readonly directory: string;
  /** Runs in place of agents that are processes. */
  readonly entrypoint: readonly string[] | null;
}

export interface Agents {
  readonly launcher: Launcher;
  /** Ends all containers at once. */
  close(): Promise<unknown>;
}

// Limits of containers without isolation, in the format of the agent's configuration; see config/config.ini.
const AGENT_CONFIG = `[disk]
initial_size = 0
max_workload = 10
[time]
max_workload = 3600
`;

/** Makes what local ECS runs its containers with. */
export async function createAgents(kind: 'simulated' | 'process', deps: AgentsDeps): Promise<Agents> {
  const { scripts, clock, log } = deps;
  if (kind === 'process') {
    const command = deps.entrypoint ?? [...(await findAgentCommand()).command, 'run'];
    const searchPath = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
    const launcher = createProcessLauncher({
      command,
      configIni: AGENT_CONFIG,
      searchPath,
      clock,
    });
    return { launcher, close: () => Promise.resolve() };
  }
  const systemEnds = new AbortController();
  const launcher = createSimulatedLauncher({
    behave: (_body, place) => scripts.processOf(place),
    containerOf: (environment) => scripts.containerOf(environment),
    signalsOf: (environment) => scripts.signalsOf(environment),
    untilEntered: (environment, state, abort) => scripts.untilEntered(environment, state, abort),
    onForged: (status) => scripts.noteForged(status),
    abort: systemEnds.signal,
    onEcsEnd: (arn, cause) => {
      endByEcs(deps.ecs(), arn, cause).catch((error: unknown) => log.error({ error }, 'ECS could not end it'));
    },
    parent: deps.directory,
    clock,
    random: Math.random,
    log,
  });
  return {
    launcher,
    close() {
      systemEnds.abort();
      const agents = [...launcher.agents.values()];
      for (const agent of agents) agent.kill();
      return Promise.all(agents.map(({ ended }) => ended));
    },
  };
}
