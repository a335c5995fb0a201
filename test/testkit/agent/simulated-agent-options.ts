import type { StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Log } from '../../../shared/system/log.ts';
import type { ContainerEndCause } from '../script.ts';
import type { AgentContainer } from './agent-script.ts';
import type { SignalRules } from './signal-rules.ts';
import type { Behaviour } from './simulated-process.ts';

export interface SimulatedAgentOptions {
  /** The container's environment, with SIGNAL_URL, WIP_ENROL and the control plane's other variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly taskArn?: string;
  readonly behave: Behaviour;
  /** How the container itself goes; the friendliest way unless given. */
  readonly container?: Promise<AgentContainer>;
  /** What happens to the signals of this container, and what a signal is about. Nothing happens to them unless given. */
  readonly signals?: Promise<SignalRules>;
  /** Waits until the task of this container has entered a state. Needed by scripts whose container ends at one. */
  readonly untilEntered?: (state: string, abort: AbortSignal) => Promise<'entered' | 'over'>;
  /** Called with the status that a forged signal was answered with. */
  readonly onForged?: (status: number) => void;
  /** Aborts when the whole system ends. */
  readonly abort?: AbortSignal;
  /** Where the container's own directory is made; the one for temporary files unless given. */
  readonly parent?: string;
  readonly onStart?: (key: string, body: StartProcess) => void;
  /** Called when the script ends the container in a way that ECS reports. */
  readonly onEcsEnd?: (cause: ContainerEndCause) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}
