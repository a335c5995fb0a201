import type { ContainerInterface } from '../containers/container.ts';
import type { EndCause } from '../containers/causes/end-cause.ts';
import type { Verdict } from '../../shared/model/verdict.ts';
import type { WaitDetail } from '../containers/wait-reason.ts';
import type { Fault, Retry } from '../../shared/model/fault.ts';
import type { ExitStatus, Priority, TaskStatus } from '../../shared/model/status.ts';
import type { ExitSignal, OutputSignal, ReadySignal, Signal } from '../../shared/protocol/signals.ts';
import type { AgentAccess, EffectScope } from './agent-access.ts';
import type { Delivery, OutgoingRequest } from './outgoing-request.ts';
import type { TaskSettings } from './task-settings.ts';

/** Log levels, FATAL 1 … TRACE 7 as established. Users see the entries that are user-readable. */
export const LOG_LEVEL = { FATAL: 1, ERROR: 2, WARN: 3, ALERT: 4, INFO: 5, DEBUG: 6, TRACE: 7 } as const;
export type WipLogLevel = keyof typeof LOG_LEVEL;

/** The bag of a state: plain JSON, kept across visits and saved with each step. */
export type Bag = Record<string, unknown>;

/** A task that another task adds. Fields left out get the values of its class. */
export interface NewChild {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly title?: string;
  readonly group?: string;
  readonly priority?: Priority;
}

export interface ChildTask {
  readonly id: number;
  readonly kind: string;
  readonly title: string;
  readonly status: TaskStatus;
  readonly exitStatus: ExitStatus;
  readonly exitMessage: string | null;
  readonly cause: string | null;
}

/** A change of a task, as its class may tell a service outside of Wip. */
export interface StatusReport {
  /** `running` also after a pause. */
  readonly status: 'queued' | 'running' | 'paused' | 'ended';
  readonly startedAt: Date | null;
  /** Null before the end. */
  readonly end: { readonly at: Date; readonly exit: ExitDetail } | null;
}

/** An entry of the task's log that people may read. */
export interface LogReport {
  readonly at: Date;
  readonly level: WipLogLevel;
  readonly message: string;
}

/** Opens an option that is stored sealed; undefined when the task has none. */
export type SecretOption = (name: string) => unknown;

/** A signal of the current attempt that no method has consumed yet. */
export interface InboxSignal {
  readonly id: string;
  readonly signal: Signal;
  readonly receivedAt: Date;
}

export interface Inbox {
  /** Every unconsumed signal, oldest first. */
  all(): readonly InboxSignal[];
  /** Consumes a signal for good; this is saved with the step. */
  consume(id: string): void;
}

/** The current container attempt as the task sees it: the signals of its agent so far. */
export interface AttemptView {
  readonly number: number;
  readonly ready: ReadySignal | null;
  /** Why the container terminates, and the last output. It comes before `exit`. */
  readonly output: OutputSignal | null;
  readonly exit: ExitSignal | null;
  /** Whether the SSH check has succeeded, with the pinned host key at the address that ECS reports. */
  readonly verified: boolean;
  /** Whether its image has no agent: then nobody signs its signals, and they decide nothing alone. Absent: it has one. */
  readonly isLegacy?: boolean;
}

export interface ExitDetail {
  readonly status: ExitStatus;
  readonly message: string;
  readonly detail?: string;
  readonly cause?: string;
  /** Whose doing it was. Left out: that of the user for ERROR_USER, of the system for ERROR_SYSTEM. */
  readonly fault?: Fault;
  /** What to do about it: a sentence without its full stop. */
  readonly remedy?: string;
  /** The facts behind it, a line each. */
  readonly evidence?: readonly string[];
}

export type ExitOptions = Omit<ExitDetail, 'status' | 'message'>;

/** Everything a state or transition method can use. The engine or the simulator hands it in. */
export interface WipContext {
  readonly taskId: number;
  readonly taskUuid: string;
  readonly state: string;
  /** The number of executed entries of states so far, never reset. */
  readonly entry: number;
  readonly bag: Bag;
  /** The memory of the task: JSON, saved with each step. */
  readonly memory: Bag;
  readonly inbox: Inbox;
  readonly attempt: AttemptView | null;
  /** The time of the database at the start of the step. */
  readonly now: Date;
  /** Aborts when the time of the method is over or the node stops. */
  readonly signal: AbortSignal;
  readonly settings: TaskSettings;

  /** Makes this state and `other` share one bag. */
  linkContext(other: string): void;
  bagOf(state: string): Bag;
  clearTransitionCount(state: string, value: string): boolean;
  log(level: WipLogLevel, message: string, options?: { userReadable?: boolean }): void;
  /**
   * Tells people what the task waits for, should this step end in a wait: a clause that completes "It waits because …",
   * such as `the report of the scanner is not there yet`. The last call of a step counts; the next step begins without.
   * The transition method that answers with the waiting row is where it belongs: a state that is entered at once is
   * followed by a step of its transition method.
   */
  waitsFor(clause: string, detail?: WaitDetail): void;
  /**
   * Sets the exit with which the task will end; the last call counts. `NOT_FINISHED` is no end: with an empty message it takes
   * back an earlier exit, otherwise it is refused.
   */
  exit(status: ExitStatus, message: string, options?: ExitOptions): void;
  readonly exited: ExitDetail | null;

  /**
   * Effect: adds a child task that runs in this task's slot of its group, and returns its id. The end of the child
   * wakes
   * this task; if this task ends first, the child is asked to end too. Throws TASK_KIND_UNKNOWN, and OPTIONS_INVALID,
   * also for a child with the `workId` of this task.
   */
  addTask(name: string, task: NewChild, scope?: EffectScope): Promise<number>;
  /** Returns the child tasks added since the task was started or restarted, in order. */
  children(): Promise<readonly ChildTask[]>;
  /**
   * Effect: has any living node send the request in the background, also after the task's end, and returns its state.
   * The task is woken when the request is settled. The same name and scope mean the same request, sent as it was given
   * first. The request is stored sealed, its answer is not.
   */
  deliver(name: string, request: OutgoingRequest, scope?: EffectScope): Promise<Delivery>;
  /** Returns the state of such a request; null when there is none in this scope. */
  delivery(name: string, scope?: EffectScope): Promise<Delivery | null>;
  /**
   * Returns a container attempt, to be configured with overrides and `run()` once. While an earlier attempt is launched
   * or its outcome is unknown, `run()` resolves that one instead of launching a second.
   */
  newContainer(limits: ContainerLimits): ContainerInterface;
  /** Returns the container of the current attempt; null when none was launched. */
  container(): ContainerInterface | null;
  readonly agent: AgentAccess;
  /** Returns the verdict of the three witnesses about the current container; `terminated` also if none ever ran. */
  liveness(): Promise<LivenessView>;
  /** Opens an option that is stored sealed; undefined when the task has none. */
  secretOption(name: string): unknown;
  /** Opens a `secure:` value of a build file. */
  decryptBuildValue(text: string): Promise<string>;
}

/** Limits for the agent, sent only when set. They can only lower the limits of the image's config.ini. */
export interface ContainerLimits {
  readonly maxTimeSeconds?: number;
  readonly maxDiskGb?: number;
}

export interface LivenessView {
  /** `none`: no container was launched. */
  readonly verdict: Verdict | 'none';
  /** For people: what is known, and what to do if the container is over. */
  readonly sentence: string;
  /** The facts behind the sentence, in the words of the witnesses. */
  readonly evidence?: string;
  /** Completes "The task waits because …"; absent when its container is ready, or over. */
  readonly waitsFor?: string;
  readonly waitDetail?: WaitDetail;
  /** Why the container ended; null while it has not. */
  readonly cause: string | null;
  /** The party responsible for the end; absent while the container has not ended. */
  readonly fault?: Fault;
  readonly retry: Retry | null;
  /** The end as it was decided, once and for good; absent while the container has not ended. */
  readonly end?: EndCause;
}
