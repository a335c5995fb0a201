import { LATE } from '../../../shared/time/within-time.ts';
import type { BasicWip } from '../../tasks/basic-wip.ts';
import type { WipContext } from '../../tasks/context.ts';
import { LeaveTask, type StepDeps } from '../engine-deps.ts';
import { authorsLine, describeThrown } from './thrown-error.ts';
import { currentScope, runInScope } from '../method-scope.ts';

/**
 * `isAtOnce`: the method awaited nothing, not even a promise. `line`: where in its author's code the error was thrown.
 * `interrupted`: its time ran out. An interrupted method may still run; its later changes are not saved.
 */
export type CallOutcome =
  | { readonly kind: 'returned'; readonly value: unknown; readonly isAtOnce: boolean }
  | { readonly kind: 'threw'; readonly message: string; readonly line?: string | null }
  | { readonly kind: 'interrupted' };

/** The dependencies of callMethod. */
export type CallDeps = Pick<StepDeps, 'withinTime' | 'log' | 'methodSeconds' | 'store'>;

// One shared error for all calls, because creating one costs more than calling a short method.
const OVER = new DOMException('The method is over.', 'AbortError');

/**
 * The end of one call of a method. Its AbortSignal is made on demand, because few methods use it and it costs more than calling a
 * short method.
 */
export class MethodEnd {
  readonly #abort: AbortSignal;
  #over: AbortController | null = null;
  #leave: (() => void) | null = null;
  #isOver = false;

  /** `abort`: the node stops, or has lost the task. */
  constructor(abort: AbortSignal) {
    this.#abort = abort;
  }

  /** Aborts when the method is over or its node leaves the task. */
  get signal(): AbortSignal {
    return (this.#over ?? this.#follow()).signal;
  }

  end(): void {
    this.#isOver = true;
    if (this.#leave) this.#abort.removeEventListener('abort', this.#leave);
    this.#over?.abort(OVER);
  }

  #follow(): AbortController {
    const over = new AbortController();
    this.#over = over;
    const scope = currentScope();
    const abort = (): void => over.abort(this.#abort.reason);
    // Listeners that the method has added are code of the method, although the node calls them.
    const leave = scope ? (): void => runInScope(scope, abort) : abort;
    if (this.#isOver) over.abort(OVER);
    else if (this.#abort.aborted) leave();
    else {
      this.#leave = leave;
      this.#abort.addEventListener('abort', leave, { once: true });
    }
    return over;
  }
}

type Method = (context: WipContext, cause?: unknown) => unknown;

/** Returns the method of this name. State tables are text and may name anything, even a getter that throws. */
function methodOf(wip: BasicWip, name: string): Method {
  const method = (wip as unknown as Record<string, unknown>)[name];
  if (typeof method === 'function') return method as Method;
  // An async getter returns a promise. Its rejection is handled here, so that only the error below is reported.
  if (method instanceof Promise) void method.catch(() => undefined);
  throw new Error(`The class ${wip.kind} has no method "${name}".`);
}

/**
 * Calls a state or transition method with a time limit. LeaveTask and database failures are rethrown, because they concern the
 * node and not the task; so is every error of a method once the node is stopping.
 */
export async function callMethod(
  deps: CallDeps,
  wip: BasicWip,
  call: { name: string; abort: AbortSignal; context: (end: MethodEnd) => WipContext; cause: unknown },
): Promise<CallOutcome> {
  const over = new MethodEnd(call.abort);
  try {
    const outcome = await run(deps, call.abort, () => {
      const method = methodOf(wip, call.name);
      const context = call.context(over);
      return call.cause === null ? method.call(wip, context) : method.call(wip, context, call.cause);
    });
    if (call.abort.aborted && outcome.kind !== 'returned') throw new LeaveTask('stopping');
    return outcome;
  } finally {
    over.end();
  }
}

async function run(deps: CallDeps, abort: AbortSignal, method: () => unknown): Promise<CallOutcome> {
  try {
    const answer = method();
    if (!isPromiseLike(answer)) return { kind: 'returned', value: answer, isAtOnce: true };
    return await within(deps, abort, answer);
  } catch (error) {
    return thrown(deps, error);
  }
}

async function within(deps: CallDeps, abort: AbortSignal, answer: PromiseLike<unknown>): Promise<CallOutcome> {
  const work = Promise.resolve(answer).then(
    (value): CallOutcome => ({ kind: 'returned', value, isAtOnce: false }),
    (error: unknown) => thrown(deps, error),
  );
  // The result of a method that ran out of time is not used. Its error is in the log.
  const outcome = await deps.withinTime(work, { limitMs: deps.methodSeconds * 1000, abort });
  return outcome === LATE ? { kind: 'interrupted' } : outcome;
}

function thrown(deps: Pick<StepDeps, 'log' | 'store'>, error: unknown): CallOutcome {
  if (isOfNode(deps, error)) throw error;
  deps.log.debug({ err: error }, 'a task method threw');
  return { kind: 'threw', message: describeThrown(error), line: authorsLine(error) };
}

/** Returns whether the error concerns the node. A thrown value may be a Proxy whose traps throw. */
function isOfNode({ store }: Pick<StepDeps, 'store'>, error: unknown): boolean {
  try {
    return error instanceof LeaveTask || store.isTrouble(error);
  } catch {
    return false;
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
