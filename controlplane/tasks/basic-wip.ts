import { z } from 'zod';
import type { Priority, TaskStatus } from '../../shared/model/status.ts';
import type { Signal } from '../../shared/protocol/signals.ts';
import type { WantedSize } from '../containers/rules/wanted-size.ts';
import type { ExitDetail, LogReport, SecretOption } from './context.ts';
import type { OptionsOf } from './options-of.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import type { StatusReport, WipContext } from './context.ts';
import type { DeclaredTransitions } from './transitions.ts';

/** The facts about a task that its class gets before it runs. `options` are parsed and still sealed. */
export interface TaskFacts<O> {
  readonly uuid: string;
  readonly options: O;
}

/** What a task has built, and what it has pushed; null: nothing yet, or not known. */
export interface TaskCommits {
  readonly builtCommit: string | null;
  readonly artefactCommit: string | null;
}

/** The error that led the task along `!`, as the entered state receives it. */
export interface FailureCause {
  readonly message: string;
  /** The state whose method failed, or whose rows did not cover the answer. */
  readonly state?: string;
}

/** The cause of a task that exceeded its maximum run time. */
export const OVERDUE = 'max-run-time';
/** The cause of a task that a newer one has taken the place of. */
export const SUPERSEDED = 'superseded';
/** The cause of a child whose parent has ended. */
export const PARENT_ENDED = 'parent-ended';
/** Causes of ends that the engine asks for and explains. Such a task takes the way of a terminated one. */
const ENDS_OF_ENGINE: ReadonlySet<string | undefined> = new Set([OVERDUE, SUPERSEDED, PARENT_ENDED]);

/** The message of a task that was terminated, by every kind that says nothing more of it. */
export const TERMINATED_MESSAGE = 'The request to terminate has been processed.';
/** The message of a task whose class said none when it failed. Its detail has the reason. */
export const FAILURE_MESSAGE = 'Failed to complete the task.';

export const BASIC_TABLE = `
start {
  * finish
}
failure {
  * finish
  ! finish
}
terminate {
  * failure
}
`;

/**
 * The base class of every Wip task: a state table and the methods it names. State methods act through the context;
 * transition methods observe and return one of their declared values. A subclass stitches its parents' tables into its
 * own and overrides what differs.
 */
export class BasicWip<O extends object = object> {
  readonly task: TaskFacts<O>;

  constructor(task: TaskFacts<O>) {
    this.task = task;
  }

  /** The name under which tasks of this class are stored and added. */
  get kind(): string {
    return 'BasicWip';
  }

  get options(): O {
    return this.task.options;
  }

  /** One line for people, shown wherever the task is shown. */
  get title(): string {
    return this.kind;
  }

  /** Tasks of a group share its limit of concurrently started tasks. */
  get group(): string {
    return this.kind;
  }

  /**
   * Names of the clusters for its containers, in the order in which they are tried. None: those of its group, else the
   * active one.
   */
  get clusters(): readonly string[] {
    return [];
  }

  /** Sizes of its containers instead of those of their task definition. */
  get containerSize(): WantedSize {
    return {};
  }

  get priority(): Priority {
    return 'MEDIUM';
  }

  /** Tasks with one work id run one after the other. The default gives each task a work id of its own. */
  workId(): string {
    return this.task.uuid;
  }

  getStateTable(): string {
    return BASIC_TABLE;
  }

  /** The values that each transition method of this class and its parents may return. */
  get transitions(): DeclaredTransitions {
    return {};
  }

  /**
   * Whether an entry that a crash interrupted runs again (each effect then finds its earlier result) or follows `!`.
   */
  interrupted(_state: string): 'run-again' | 'fail' {
    return 'run-again';
  }

  // States of the default table. A state method that returns has succeeded; one that throws goes along `!`.
  start(_context: WipContext): Promise<void> | void {}

  finish(_context: WipContext): Promise<void> | void {}

  failure(context: WipContext, cause?: FailureCause): Promise<void> | void {
    this.systemFailure(context, cause);
  }

  terminate(context: WipContext): Promise<void> | void {
    if (ENDS_OF_ENGINE.has(context.exited?.cause)) return;
    context.exit('TERMINATED', TERMINATED_MESSAGE, { cause: 'terminated' });
  }

  // Life-cycle hooks, for notes and notices beside the table. The engine calls them with the context of the current
  // state; what they change is saved with the step. An error in a hook is logged and stops nothing. After a crash a
  // hook may be called again.
  /** Called once in the task's first step, before onStart. */
  onAdd(_context: WipContext): Promise<void> | void {}
  /** Called in place of onAdd in the first step after a restart: memory and contexts are empty again. */
  onRestart(_context: WipContext): Promise<void> | void {}
  /** Called before the start state runs. */
  onStart(_context: WipContext): Promise<void> | void {}
  /**
   * Called at the beginning of a step for each signal that has come since the last one. The signal stays in the inbox
   * for the transition methods. Signals that come after the end of the task are stored only.
   */
  onSignal(_context: WipContext, _signal: Signal): Promise<void> | void {}
  /**
   * Called when a node goes on with the task (PROCESSING), before it waits (WAITING) and when it ends (COMPLETE); the
   * change is saved with the step.
   */
  onStatusChange(_context: WipContext, _status: TaskStatus): Promise<void> | void {}
  /** Called before the task waits. */
  onWait(_context: WipContext): Promise<void> | void {}
  /** Called before the terminate state runs. */
  onTerminate(_context: WipContext): Promise<void> | void {}
  /** Called when the task ends as an error, before onFinish. */
  onFail(_context: WipContext): Promise<void> | void {}
  /** Called when the task ends, with whatever exit. */
  onFinish(_context: WipContext): Promise<void> | void {}
  /** Called last of all, to give back what the task holds outside of the database. The exit is settled by then. */
  cleanUp(_context: WipContext): Promise<void> | void {}

  /** Returns the commits of a task that builds, from its memory. The API shows them while it runs and after its end. */
  commits(_memory: Readonly<Record<string, unknown>>): TaskCommits {
    return { builtCommit: null, artefactCommit: null };
  }

  // Reports to services outside of Wip. The engine and the API ask for them outside of any state, also before the task has
  // started and while it is paused, and store the request in the commit of what it tells.
  /** Returns the requests that tell of a change of the task; none: nobody is told. */
  statusReport(_report: StatusReport, _secretOption: SecretOption): readonly OutgoingRequest[] {
    return [];
  }

  /** Returns the requests that hand on an entry of the log that people may read; none: it is not handed on. */
  logReport(_report: LogReport, _secretOption: SecretOption): readonly OutgoingRequest[] {
    return [];
  }

  /**
   * Ends the task as ERROR_SYSTEM unless a method has already set an exit. A success that an error has come after is a
   * WARNING.
   */
  systemFailure(context: WipContext, cause?: FailureCause): void {
    const exited: ExitDetail | null = context.exited;
    const detail = cause && placedMessage(cause);
    if (detail) context.log('ERROR', detail);
    if (cause && exited?.status === 'COMPLETED') {
      context.exit('WARNING', failedAfterwards(exited.message, cause), { ...(detail && { detail }), cause: 'failure' });
      return;
    }
    if (exited && exited.status !== 'NOT_FINISHED') return;
    context.exit('ERROR_SYSTEM', FAILURE_MESSAGE, {
      ...(detail ? { detail } : {}),
      cause: 'failure',
    });
  }
}

/** The message of a success, and that something failed behind it. */
function failedAfterwards(message: string, { state }: FailureCause): string {
  const failed = state === undefined ? 'Then the task failed.' : `Then its state "${state}" failed.`;
  if (message === '') return failed;
  return `${/[.!?]$/.test(message) ? message : `${message}.`} ${failed}`;
}

/** The message with the state where it happened; errors of a table name it themselves. */
function placedMessage({ state, message }: FailureCause): string {
  return state === undefined || message.includes(`"${state}"`) ? message : `In the state "${state}": ${message}`;
}

export const BASIC_OPTIONS: OptionsOf<object, object> = { schema: z.strictObject({}), sealed: [] };
