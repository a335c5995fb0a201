import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { authorsLine } from '../../engine/run/thrown-error.ts';
import { runInScope, type MethodScope } from '../../engine/method-scope.ts';
import { containTaskErrors } from '../../node/contain-task-errors.ts';

/** Told of an error that a module leaves to nobody when nothing waits for its code any more. */
export type OnLateError = (error: OperationalError) => void;

/** A command that waits for late errors does so to the end of the process, or until the next one. */
let stopLate: () => void = () => undefined;

// Errors of promises and of timers without a delay, which is what careless code begins, have come by then.
const SETTLE_MS = 50;

const LEFT_BY = {
  loading: {
    when: 'when it was loaded',
    code: 'USAGE',
    remedy: 'Begin nothing at the top level of a module with task classes, or await it and handle its errors',
  },
  reading: {
    when: 'when a task of it was made and read',
    code: 'KIND_INVALID',
    remedy:
      'Begin nothing in the constructor, in "create" and in members that are read, such as "transitions": nobody waits for it. Do it in a method of a state',
  },
} as const;

/**
 * The code of modules with task classes, which is their author's, outside of any method of a task. An error that it leaves to
 * nobody, in a timer or a promise, is none of the product: it is told as the author's.
 */
export class ModuleCode {
  readonly #scopes: MethodScope[] = [];
  readonly #stop: () => void;

  /** Without `onLateError` the process has another place for late errors, or has ended by then. */
  constructor(onLateError?: OnLateError) {
    stopLate();
    const stop = containTaskErrors({
      error: ({ err, kind, method }) => onLateError?.(leftError(String(kind), String(method), err)),
    });
    this.#stop = onLateError ? () => undefined : stop;
    stopLate = onLateError ? stop : stopLate;
  }

  /** Runs code of the author. `owner`: the file, or the class with its file, for people. */
  run<T>(doing: keyof typeof LEFT_BY, owner: string, work: () => T): T {
    const scope: MethodScope = {
      kind: owner,
      taskId: null,
      state: null,
      method: doing,
      unhandled: [],
      isOver: false,
      tellLate: null,
    };
    this.#scopes.push(scope);
    return runInScope(scope, work);
  }

  /** Throws the first error that was left to nobody. */
  check(): void {
    for (const { kind, method, unhandled } of this.#scopes) {
      const [left] = unhandled;
      if (left) throw leftError(kind, method, left.error);
    }
  }

  /** Waits for errors that come at once, and throws the first. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    this.check();
  }

  /** Errors that come from now on are late. */
  close(): void {
    for (const scope of this.#scopes) scope.isOver = true;
    this.#stop();
  }
}

function leftError(owner: string, doing: string, cause: unknown): OperationalError {
  const { when, code, remedy } = doing === 'reading' ? LEFT_BY.reading : LEFT_BY.loading;
  const line = authorsLine(cause);
  const what = messageOf(cause).replace(/\.$/, '');
  return new OperationalError(code, {
    happened: `${owner} left an error that nobody handles, ${when}: ${what}`,
    remedy: `${remedy}${line === null ? '' : `; the error is from ${line}`}`,
    cause,
  });
}
