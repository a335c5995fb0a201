import type { z } from 'zod';
import type { ContainerInterface } from '../containers/container.ts';
import type { EndCause } from '../containers/end-cause.ts';
import type { Verdict } from '../containers/liveness.ts';
import type { WaitDetail } from '../containers/wait-reason.ts';
import type { OperationalErrorCode } from '../../shared/model/error.ts';
import type { Fault, Retry } from '../../shared/model/fault.ts';
import type { ExitStatus, Priority, TaskStatus } from '../../shared/model/status.ts';
import type { Health, ProcessStatus, StartProcess } from '../../shared/protocol/agent-api.ts';
import type { RepositoryHosts } from '../../shared/support/repository-hosts.ts';
import type { ExitSignal, OutputSignal, ReadySignal, Signal, StreamName } from '../../shared/protocol/signals.ts';

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

/** A request to an HTTP service outside of Wip. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** http or https. Redirects are not followed. */
  readonly url: string;
  /** `idempotency-key` is set to the effect's key unless it is given. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, sent unchanged; give its content type in the headers. */
  readonly body?: string;
  /**
   * `safe` (default): sent until it is answered, so the receiver must recognise repetitions by the idempotency key, or
   * tolerate them. `never`: not sent again once it may have arrived; its delivery is then `unknown`.
   */
  readonly repeat?: 'safe' | 'never';
  /** How long delivery is tried, in seconds. Default: a day. */
  readonly giveUpAfterSeconds?: number;
  /**
   * Requests of one task with the same word here are sent one after the other, in the order in which they were given: each
   * when the one before it is settled.
   */
  readonly order?: string;
  /** Signs each try anew, because a signature holds for minutes only. */
  readonly sign?: RequestSignature | undefined;
  /** `any`: whoever answers at an https address is believed. Default: the certificate is verified. */
  readonly certificate?: 'verified' | 'any' | undefined;
}

/**
 * HTTP HMAC 2.0 (https://github.com/acquia/http-hmac-spec). A try that is answered 401 is made again, because clocks and
 * keys get right again. An answer with a wrong signature is none.
 */
export interface RequestSignature {
  readonly scheme: 'acquia-http-hmac';
  readonly realm: string;
  /** Name of the key at the receiver. */
  readonly id: string;
  /** Base64 of the key. */
  readonly secret: string;
  /** Further headers of the request that the signature covers. */
  readonly signedHeaders?: readonly string[] | undefined;
}

/** The state of an outgoing request. `body`: the first 64 KiB of the answer. */
export type Delivery =
  | { readonly kind: 'under-way'; readonly tries: number; readonly lastError: string | null }
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'refused'; readonly status: number | null; readonly body: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

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
}

/** The result of a call to the agent. Failures are values, because the table decides what follows. */
export type SshOutcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'ssh-failed'; readonly code: string; readonly message: string; readonly retryable: boolean }
  | { readonly kind: 'agent-refused'; readonly code: OperationalErrorCode; readonly message: string };

/** The agent in the current container. Each call is one SSH interaction, and its result informs the SSH witness. */
export interface AgentAccess {
  /** Proves that the right container answers, and gives it the secure overrides (once). */
  verify(): Promise<SshOutcome<Health>>;
  health(): Promise<SshOutcome<Health>>;
  /** Effect: starts a process and returns its id. A repetition with the same scope finds the same process. */
  startProcess(name: string, body: StartProcess, scope: EffectScope): Promise<SshOutcome<ProcessStatus>>;
  processStatus(processId: string): Promise<SshOutcome<ProcessStatus>>;
  /** Returns the last `maxBytes` of the process's stream as text. */
  outputTail(processId: string, stream: StreamName, maxBytes: number): Promise<SshOutcome<string>>;
  /** Returns the whole stream. Throws if it is longer than `maxBytes`. */
  output(processId: string, stream: StreamName, maxBytes: number): Promise<SshOutcome<string>>;
  /** Writes a file. Idempotent: a child with the user's uid writes a temporary file and renames it. */
  writeFile(file: { path: string; content: string; mode: string; user?: string }): Promise<SshOutcome<void>>;
  /** Reads a file of at most 64 MiB with the rights of the workload's user. */
  readFile(path: string): Promise<SshOutcome<string>>;
  /** Asks the agent to shut down, as touching the shutdown file does. */
  shutdown(): Promise<SshOutcome<void>>;
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
   */
  waitsFor(clause: string, detail?: WaitDetail): void;
  /** Sets the exit with which the task will end; the last call counts. */
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

/** The part of the installation's configuration that concerns tasks (controlplane/config-fields.ts). */
export interface TaskSettings {
  /** The command line of the build tool inside the container. */
  readonly buildTool: readonly string[];
  /** The hosts on which repositories may be. */
  readonly repositoryHosts: RepositoryHosts;
  /** The hosts to which requests of tasks may go. */
  readonly outgoingHosts: RepositoryHosts;
  readonly maxDiskPercent: number;
  readonly maxContainerSeconds: number | null;
  readonly pipelines: {
    readonly statsKey: string | null;
    /** `task`: each build gets a token of its own, signed with the key. `installation`: each gets the key. */
    readonly statsScope: 'task' | 'installation';
  };
  /** Seconds after which a process without a completion signal is asked for over SSH. */
  readonly askAfterSeconds: number;
  /** Seconds after which a process is given up that its agent no longer knows. */
  readonly giveUpAfterSeconds: number;
  /** Seconds after its launch within which a container must be ready; else it is stopped. */
  readonly startSeconds: number;
}

/**
 * The options of a class: unknown ones are refused, and those in `sealed` are sealed before they are stored. `Given` is
 * their form before the schema fills in its defaults.
 */
export interface OptionsOf<T, Given = unknown> {
  readonly schema: z.ZodType<T, Given>;
  readonly sealed: readonly string[];
  /**
   * Options that hold the address of a git repository. They are checked against repository_hosts when a task is added.
   */
  readonly repositories?: readonly string[];
  /** Options that hold the address of a service that requests go to. They are checked against outgoing_hosts. */
  readonly receivers?: readonly string[];
}
