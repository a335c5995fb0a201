import type { Launcher, LaunchOrder } from '../../../controlplane/localecs/launcher.ts';
import type { StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Log } from '../../../shared/system/log.ts';
import type { ContainerEndCause } from '../script.ts';
import type { AgentContainer } from './agent-script.ts';
import type { SignalRules } from './signal-rules.ts';
import { SimulatedAgent } from './simulated-agent.ts';
import type { Behaviour } from './simulated-process.ts';

export interface SimulatedLauncherOptions {
  readonly behave: Behaviour;
  /** Decides how a container goes; each goes the friendliest way unless given. */
  readonly containerOf?: (environment: Readonly<Record<string, string>>) => Promise<AgentContainer>;
  /** Decides what happens to the signals of a container; nothing unless given. */
  readonly signalsOf?: (environment: Readonly<Record<string, string>>) => Promise<SignalRules>;
  /** Waits until the task of a container has entered a state. */
  readonly untilEntered?: (
    environment: Readonly<Record<string, string>>,
    state: string,
    abort: AbortSignal,
  ) => Promise<'entered' | 'over'>;
  /** Called with the status that a forged signal was answered with. */
  readonly onForged?: (status: number) => void;
  /** Aborts when the whole system ends. */
  readonly abort?: AbortSignal;
  /** Called when a script ends a container in a way that ECS reports. Without it, the container is killed. */
  readonly onEcsEnd?: (arn: string, cause: ContainerEndCause) => void;
  /** Where containers make directories of their own; the one for temporary files unless given. */
  readonly parent?: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** One process that was really started in a container. */
interface StartedProcess {
  readonly arn: string;
  readonly key: string;
  readonly body: StartProcess;
}

export interface SimulatedLauncher extends Launcher {
  /** Containers that were really started, by the ARN of their ECS task. */
  readonly agents: ReadonlyMap<string, SimulatedAgent>;
  /** Every start of every process in every container, in order: the counter that effects are checked against. */
  readonly started: readonly StartedProcess[];
}

/** Lets local ECS run simulated agents in this very process. */
export function createSimulatedLauncher(options: SimulatedLauncherOptions): SimulatedLauncher {
  const agents = new Map<string, SimulatedAgent>();
  const started: StartedProcess[] = [];

  function run(order: LaunchOrder): SimulatedAgent {
    const { arn, environment } = order;
    if (agents.has(arn)) throw new Error(`local ECS started the container ${arn} twice`);
    const { containerOf, signalsOf, untilEntered, onForged, abort, onEcsEnd, parent, behave, clock, random, log } =
      options;
    const agent: SimulatedAgent = new SimulatedAgent({
      behave,
      clock,
      random,
      log,
      environment,
      taskArn: arn,
      ...(parent === undefined ? {} : { parent }),
      ...(containerOf ? { container: containerOf(environment) } : {}),
      ...(signalsOf ? { signals: signalsOf(environment) } : {}),
      ...(untilEntered && {
        untilEntered: (state: string, signal: AbortSignal) => untilEntered(environment, state, signal),
      }),
      ...(onForged && { onForged }),
      ...(abort && { abort }),
      onEcsEnd: (cause) => (onEcsEnd ? onEcsEnd(arn, cause) : agent.kill()),
      onStart: (key, body) => started.push({ arn, key, body }),
    });
    agents.set(arn, agent);
    return agent;
  }

  return {
    agents,
    started,
    start: (order) => {
      const agent = run(order);
      return Promise.resolve({
        ended: agent.ended,
        terminate: () => agent.stop('sigterm'),
        kill: () => agent.kill(),
        ports: () => (agent.sshPort === null ? [] : [{ containerPort: 22, hostPort: agent.sshPort }]),
      });
    },
    // A simulated container lives in the memory of the local ECS that started it, and ends with it.
    adopt: () => Promise.resolve({ kind: 'never-started' }),
    discard: () => Promise.resolve(),
  };
}
