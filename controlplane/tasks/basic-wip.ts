import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import type { Priority } from '../../shared/model/status.ts';
import type { ExitDetail, OptionsOf, WipContext } from './context.ts';
import type { DeclaredTransitions } from './transitions.ts';

/** What is known of a task when its class is asked about it; `options` are parsed and still sealed. */
export interface TaskFacts<O> {
  readonly uuid: string;
  readonly options: O;
}

/** An error that sent the task along `!`, as the state that is entered receives it. */
export interface FailureCause {
  readonly message: string;
}

/** The cause of a task that ran longer than it may. */
export const OVERDUE = 'max-run-time';

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
 * The root of every Wip task: a state table and the methods it names. State methods act through the context,
 * transition methods observe and answer one of their declared values. Inheritance is how this vocabulary works:
 * a subclass stitches its parents' tables into its own and overrides what differs.
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

  /** One line for people; shown wherever the task is. */
  get title(): string {
    return this.kind;
  }

  /** Tasks of a group share its limit of concurrently started tasks. */
  get group(): string {
    return this.kind;
  }

  get priority(): Priority {
    return 'MEDIUM';
  }

  /** Tasks of one work id run one after the other; the default lets every task run alone. */
  workId(): string {
    return this.task.uuid;
  }

  getStateTable(): string {
    return BASIC_TABLE;
  }

  /** What each transition method of this class and its parents may return. */
  get transitions(): DeclaredTransitions {
    return {};
  }

  /** Whether an entry that a crash interrupted runs again (every effect finds its earlier self) or goes `!`. */
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
    // The engine ends a task that ran too long the same way, and has said why already.
    if (context.exited?.cause === OVERDUE) return;
    context.exit('TERMINATED', 'The request to terminate has been processed.', { cause: 'terminated' });
  }

  // Life-cycle hooks: for notes and notices beside the table. The engine calls them with the context of the present
  // state; what one throws is logged and stops nothing, and after a crash one may be called again.
  /** Before the start state runs. */
  onStart(_context: WipContext): Promise<void> | void {}
  /** Before the task goes to sleep. */
  onWait(_context: WipContext): Promise<void> | void {}
  /** Before the terminate state runs. */
  onTerminate(_context: WipContext): Promise<void> | void {}
  /** The task ends as an error; before onFinish. */
  onFail(_context: WipContext): Promise<void> | void {}
  /** The task ends, however. */
  onFinish(_context: WipContext): Promise<void> | void {}

  /** Ends the task as the system's error unless a method has already said how it ends. */
  systemFailure(context: WipContext, cause?: FailureCause): void {
    const exited: ExitDetail | null = context.exited;
    if (cause) context.log('ERROR', cause.message);
    if (exited && exited.status !== 'NOT_FINISHED') return;
    context.exit('ERROR_SYSTEM', 'Failed to complete the task.', {
      ...(cause ? { detail: cause.message } : {}),
      cause: 'failure',
    });
  }
}

export const BASIC_OPTIONS: OptionsOf<object> = { schema: z.strictObject({}), sealed: [] };

/** How tasks that an older version of a class has saved go on under this one. */
export interface Migration {
  /** The versions it understands. */
  readonly from: readonly number[];
  /** Called once, before the first step under this version. What it throws ends the task as the system's error. */
  readonly migrate: (from: number, memory: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}

/** A class as the registry knows it. */
export interface WipClass<O extends object = object> {
  readonly kind: string;
  /** Raised when a saved task of an older version could not go on under this class as it is. */
  readonly version: number;
  /** Without it, nodes leave tasks of other versions to nodes that have them. */
  readonly migration?: Migration;
  readonly options: OptionsOf<O>;
  create(task: TaskFacts<O>): BasicWip<O>;
}

/** Throws OPTIONS_INVALID with every wrong field, its path, and what is allowed. */
export function parseOptions<O extends object>(wip: WipClass<O>, options: unknown): O {
  const parsed = wip.options.schema.safeParse(options ?? {});
  if (parsed.success) return parsed.data;
  throw new OperationalError('OPTIONS_INVALID', {
    happened: `The options of a ${wip.kind} task are not valid: ${parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`)
      .join('; ')}`,
    remedy: 'Correct the named fields and add the task again',
    cause: parsed.error,
  });
}
