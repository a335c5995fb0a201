import type { z } from 'zod';
import type { ContainerInterface } from '../containers/container.ts';
import type { Retry } from '../containers/cause-rows.ts';
import type { Verdict } from '../containers/liveness.ts';
import type { OperationalErrorCode } from '../../shared/model/error.ts';
import type { ExitStatus, Priority, TaskStatus } from '../../shared/model/status.ts';
import type { Health, ProcessStatus, StartProcess } from '../../shared/protocol/agent-api.ts';
import type { RepositoryHosts } from '../../shared/support/repository-hosts.ts';
import type { ExitSignal, OutputSignal, ReadySignal, Signal, StreamName } from '../../shared/protocol/signals.ts';

/** FATAL 1 … TRACE 7, as established; people see what is user-readable. */
export const LOG_LEVEL = { FATAL: 1, ERROR: 2, WARN: 3, ALERT: 4, INFO: 5, DEBUG: 6, TRACE: 7 } as const;
export type WipLogLevel = keyof typeof LOG_LEVEL;

/** A state's context bag: plain JSON, kept across visits and saved with each step. */
export type Bag = Record<string, unknown>;

/** A task that another one adds; what is left out is what the class says. */
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

/** A request to somebody else's HTTP service. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** http or https. Redirects are not followed. */
  readonly url: string;
  /** `idempotency-key` is set to the effect's key unless it is given. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is; its content type goes into the headers. */
  readonly body?: string;
  /**
   * `safe` (default): sent until it is answered, so the receiver must know a repetition by the idempotency key, or not
   * mind it. `never`: not sent again once it may have arrived; then its delivery is `unknown`.
   */
  readonly repeat?: 'safe' | 'never';
  /** How long it is tried (seconds). Default: a day. */
  readonly giveUpAfterSeconds?: number;
}

/** What became of an outgoing request. `body`: the first 64 KiB of the answer. */
export type Delivery =
  | { readonly kind: 'under-way'; readonly tries: number; readonly lastError: string | null }
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'refused'; readonly status: number | null; readonly body: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

/** How often an effect may happen: once per entry of the state, per container attempt, or per task. */
export type EffectScope = 'entry' | 'container' | 'task';

/** A signal of the current attempt that no method has consumed yet. */
export interface InboxSignal {
  readonly id: string;
  readonly signal: Signal;
  readonly receivedAt: Date;
}

export interface Inbox {
  /** Every unconsumed signal, oldest first. */
  all(): readonly InboxSignal[];
  /** Takes one out for good; the taking is saved with the step. */
  consume(id: string): void;
}

/** The current container attempt as the task sees it: what its agent has told so far. */
export interface AttemptView {
  readonly number: number;
  readonly ready: ReadySignal | null;
  /** Why it is being terminated and the last output; comes before `exit`. */
  readonly output: OutputSignal | null;
  readonly exit: ExitSignal | null;
  /** Whether the SSH check has succeeded with the pinned host key at the address ECS reports. */
  readonly verified: boolean;
}

/** What came of talking to the agent; failures are values here because the table decides what follows. */
export type SshOutcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'ssh-failed'; readonly code: string; readonly message: string; readonly retryable: boolean }
  | { readonly kind: 'agent-refused'; readonly code: OperationalErrorCode; readonly message: string };

/** The agent inside the current container. Each call is one SSH interaction and one look at the witnesses. */
export interface AgentAccess {
  /** Proves that the right container answers and hands it the secure overrides (once). */
  verify(): Promise<SshOutcome<Health>>;
  health(): Promise<SshOutcome<Health>>;
  /** Effect: with the same scope the same process is found again, not started twice. Answers its process id. */
  startProcess(name: string, body: StartProcess, scope: EffectScope): Promise<SshOutcome<ProcessStatus>>;
  processStatus(processId: string): Promise<SshOutcome<ProcessStatus>>;
  /** The last `maxBytes` of what the process wrote to the stream, as text. */
  outputTail(processId: string, stream: StreamName, maxBytes: number): Promise<SshOutcome<string>>;
  /** The whole stream; refused by an error when it is longer than `maxBytes`. */
  output(processId: string, stream: StreamName, maxBytes: number): Promise<SshOutcome<string>>;
  /** Idempotent: temp file and rename, by a child with the user's uid. */
  writeFile(file: { path: string; content: string; mode: string; user?: string }): Promise<SshOutcome<void>>;
  /** The same as touching the shutdown file. */
  shutdown(): Promise<SshOutcome<void>>;
}

export interface ExitDetail {
  readonly status: ExitStatus;
  readonly message: string;
  readonly detail?: string;
  readonly cause?: string;
}

/** The world as a state or transition method meets it; the engine (or the simulator) hands it in. */
export interface WipContext {
  readonly taskId: number;
  readonly taskUuid: string;
  readonly state: string;
  /** Raised at each executed entry of a state, never reset. */
  readonly entry: number;
  readonly bag: Bag;
  /** The task's own memory: JSON, saved with each step. */
  readonly memory: Bag;
  readonly inbox: Inbox;
  readonly attempt: AttemptView | null;
  /** The database's time at the start of the step. */
  readonly now: Date;
  /** Aborts when the method's time is over or the node stops. */
  readonly signal: AbortSignal;
  readonly settings: TaskSettings;

  /** Makes this state and `other` share one bag. */
  linkContext(other: string): void;
  bagOf(state: string): Bag;
  clearTransitionCount(state: string, value: string): boolean;
  log(level: WipLogLevel, message: string, options?: { userReadable?: boolean }): void;
  /** What the task will end with; the last call wins. */
  exit(status: ExitStatus, message: string, options?: { detail?: string; cause?: string }): void;
  readonly exited: ExitDetail | null;

  /**
   * Effect: adds a task that runs in this one's slot of its group, and answers its id. This task is woken when it ends;
   * when this task ends first, it is asked to end too. Throws TASK_KIND_UNKNOWN, or OPTIONS_INVALID also for a child that
   * works on the same target as this task (`workId`).
   */
  addTask(name: string, task: NewChild, scope?: EffectScope): Promise<number>;
  /** The tasks it has added since it was started, or started again, in their order. */
  children(): Promise<readonly ChildTask[]>;
  /**
   * Effect: has the request sent in the background by whichever node lives, also after the task's end, and answers what
   * is known so far. The task is woken when it is settled. With the same name and scope it is the same request, sent as
   * it was given first. The request is kept sealed, its answer is not.
   */
  deliver(name: string, request: OutgoingRequest, scope?: EffectScope): Promise<Delivery>;
  /** What became of such a request; null when there was none in this scope. */
  delivery(name: string, scope?: EffectScope): Promise<Delivery | null>;
  /**
   * A container attempt to configure with overrides and `run()` once. While an earlier attempt is launched or its
   * launch is not resolved, `run()` resolves that one instead of launching a second.
   */
  newContainer(limits: ContainerLimits): ContainerInterface;
  /** The current attempt's container, or null when none was launched. */
  container(): ContainerInterface | null;
  readonly agent: AgentAccess;
  /** What the three witnesses say of the current container; `terminated` also without one that ever ran. */
  liveness(): Promise<LivenessView>;
  /** The value of an option that is stored sealed; undefined when the task has none. */
  secretOption(name: string): unknown;
  /** Opens a `secure:` value of a build file. */
  decryptBuildValue(text: string): string;
}

/** Sent to the agent only when set; they may only lower what the image's config.ini allows. */
export interface ContainerLimits {
  readonly maxTimeSeconds?: number;
  readonly maxDiskGb?: number;
}

export interface LivenessView {
  /** `none`: no container was launched. */
  readonly verdict: Verdict | 'none';
  /** For people: what is known, and what to do where the container is over. */
  readonly sentence: string;
  /** What the sentence rests on, in the words of the witnesses. */
  readonly evidence?: string;
  /** Why it ended; null while it has not. */
  readonly cause: string | null;
  readonly retry: Retry | null;
}

/** What the installation's configuration says about tasks (controlplane/config.ts). */
export interface TaskSettings {
  /** Command line of the build tool inside the container. */
  readonly buildTool: readonly string[];
  /** Where repositories may be. */
  readonly repositoryHosts: RepositoryHosts;
  readonly maxDiskPercent: number;
  readonly maxContainerSeconds: number | null;
  readonly pipelines: {
    readonly statsKey: string | null;
    /** `task`: a build gets a token for itself, signed with the key; `installation`: it gets the key. */
    readonly statsScope: 'task' | 'installation';
  };
  /** Ask over SSH for a process whose completion signal has not come (seconds). */
  readonly askAfterSeconds: number;
  /** Give a process up whose agent no longer knows it (seconds). */
  readonly giveUpAfterSeconds: number;
  /** A container that is not ready so long after its launch is stopped (seconds). */
  readonly startSeconds: number;
}

/** Options of a class: unknown ones are refused, those in `sealed` are sealed before they are stored. */
export interface OptionsOf<T> {
  readonly schema: z.ZodType<T>;
  readonly sealed: readonly string[];
  /** Options with the address of a git repository: judged by repository_hosts when a task is added. */
  readonly repositories?: readonly string[];
}
