import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { authorsLine } from '../../engine/run/thrown-error.ts';
import { runInScope, type MethodScope } from '../../engine/method-scope.ts';
import { containTaskErrors } from '../../node/contain-task-errors.ts';
import { callWithin, CallTooLong } from '../call-within.ts';

/** Called with an unhandled error of a module's code after the command has stopped waiting for such errors. */
export type OnLateError = (error: OperationalError) => void;

/** Stops the watch for late errors. It lasts to the end of the process, or until the next ModuleCode is made. */
let stopLate: () => void = () => undefined;

/** As long as a method of a task may take. */
const READ_LIMIT_MS = 30_000;

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
 * Runs code of modules with task classes outside of any method of a task, such as loading a module. Its unhandled errors, in
 * timers and promises, are faults of the module's author, not of Wip, and are reported as such.
 */
export class ModuleCode {
  readonly #scopes: MethodScope[] = [];
  readonly #stop: () => void;
  readonly #readLimitMs: number;

  /** Without `onLateError` the process has another place for late errors, or has ended by then. */
  constructor(onLateError?: OnLateError, readLimitMs = READ_LIMIT_MS) {
    this.#readLimitMs = readLimitMs;
    stopLate();
    const stop = containTaskErrors({
      error: ({ err, kind, method }) => onLateError?.(leftError(String(kind), String(method), err)),
    });
    this.#stop = onLateError ? () => undefined : stop;
    stopLate = onLateError ? stop : stopLate;
  }

  /**
   * Runs code of the author, who cannot end this process with it: neither by an endless loop nor by process.exit(). The second
   * would pass for a class without a fault. `owner`: the file, or the class with its file, for people.
   */
  run<T>(doing: keyof typeof LEFT_BY, owner: string, work: () => T): T {
    const scope: MethodScope = {
      kind: owner,
      taskId: null,
      state: null,
      method: doing,
      unhandled: [],
      isOver: false,
      reportLateError: null,
    };
    this.#scopes.push(scope);
    const allowExit = refuseExit();
    let isPromise = false;
    try {
      const made = runInScope(scope, () => callWithin(this.#readLimitMs, work));
      isPromise = doing === 'loading' && made instanceof Promise;
      if (isPromise) void (made as Promise<unknown>).then(allowExit, allowExit);
      return made;
    } catch (error) {
      throw error instanceof CallTooLong ? neverRead(owner, this.#readLimitMs) : error;
    } finally {
      if (!isPromise) allowExit();
    }
  }

  /** Throws the first unhandled error. */
  check(): void {
    for (const { kind, method, unhandled } of this.#scopes) {
      const [left] = unhandled;
      if (left) throw leftError(kind, method, left.error);
    }
  }

  /** Waits a moment for unhandled errors, and throws the first. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    this.check();
  }

  /** Errors after this call count as late. */
  close(): void {
    for (const scope of this.#scopes) scope.isOver = true;
    this.#stop();
  }
}

/** Whose code may not end the process now: the reading of a class has the loading of its module within. */
let refusals = 0;
let allow: () => void = () => undefined;

/** Refuses the end of the process to code of the author. Returns what takes this back. */
function refuseExit(): () => void {
  refusals += 1;
  if (refusals === 1) {
    const { exit } = process;
    process.exit = (code) => {
      throw new Error(`process.exit(${code ?? ''}) was called, and would have ended wipctl`);
    };
    allow = () => {
      process.exit = exit;
    };
  }
  return () => {
    refusals -= 1;
    if (refusals === 0) allow();
  };
}

function neverRead(owner: string, limitMs: number): OperationalError {
  return new OperationalError('KIND_INVALID', {
    happened: `${owner} cannot be read: its code does not come to an end, and was stopped after ${limitMs / 1000} s`,
    remedy:
      'Look for an endless loop in the constructor, in "create", and in members that are read, such as getStateTable() and "transitions"',
  });
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
