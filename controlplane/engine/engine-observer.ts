import type { LaunchOutcome } from '../containers/container.ts';
import type { LaunchInstants } from '../containers/launch-phases.ts';
import type { SshFailure } from '../containers/liveness.ts';
import type { TryDecision } from '../outbox/decide-try.ts';
import type { Next } from '../store/tasks/save-step.ts';
import type { Fault } from '../../shared/model/fault.ts';
import type { TaskId, TaskUuid } from '../../shared/model/ids.ts';
import type { ExitStatus } from '../../shared/model/status.ts';

export interface ObservedClaim {
  readonly group: string;
  readonly isTakeover: boolean;
  /** Seconds in the queue, of a task that has just been started; null for one under way. */
  readonly queuedSeconds: number | null;
  /** Seconds from the moment a waiting task was due, or was woken, to its claim; null for others. */
  readonly wakeSeconds: number | null;
}

export interface ObservedEnd {
  readonly id: TaskId;
  readonly uuid: TaskUuid;
  readonly group: string;
  readonly exitStatus: ExitStatus;
  readonly cause: string | null;
  /** Whose fault a failure was; null when nothing failed. */
  readonly fault: Fault | null;
}

/** The outcome of a conversation with an agent: an answer, a refusal, or why SSH failed. */
export type AgentCallOutcome = 'answered' | 'agent-refused' | SshFailure;

/** Callbacks for metrics and traces. The engine calls each at once when the event happens. An observer never throws. */
export interface EngineObserver {
  /** This node has claimed a task of the queue. */
  claimed(claim: ObservedClaim): void;
  stepBegan(): void;
  /** A step is over, also when its task was lost or handed back. */
  stepEnded(step: { readonly kind: string; readonly tookMs: number }): void;
  /** The database has answered a save, with `fenced` too. */
  saved(kind: Next['kind']): void;
  /** The end of a task is committed. */
  taskEnded(end: ObservedEnd): void;
  /** ECS has answered a launch, or its answer is not known. */
  launchAnswered(outcome: LaunchOutcome['kind']): void;
  /** A container has answered over SSH for the first time. */
  containerVerified(launch: LaunchInstants): void;
  agentCalled(outcome: AgentCallOutcome): void;
  /** A request to another service was tried. */
  requestTried(outcome: TryDecision['kind']): void;
}
