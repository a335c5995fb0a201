import { namedMethod, runOutsideScopes, type MethodScope } from '../method-scope.ts';

type CallResult = { readonly failed: false } | { readonly failed: true; readonly error: unknown };

/** A call that a method has left unfinished or unawaited. */
interface LeftCall {
  /** As the author wrote it, such as `addTask("scan")`. */
  readonly call: string;
  /**
   * `call`: nothing awaits the call. `error`: an unhandled error of a promise that was derived from the call's promise, for
   * example by `then`.
   */
  readonly what: 'call' | 'error';
  /** Null while the call is under way. */
  readonly result: CallResult | null;
}

/** A promise that records whether it is awaited: `await` and the functions of Promise call `then`. */
class AwaitablePromise<T> extends Promise<T> {
  isAwaited = false;
  /** Called with each promise that is derived from this one and inherits its errors. */
  onDerived: ((promise: AwaitablePromise<unknown>) => void) | null = null;

  override then<R = T, E = never>(
    onFulfilled?: ((value: T) => R | PromiseLike<R>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    this.isAwaited = true;
    const derived = super.then(onFulfilled, onRejected);
    // `await` and `Promise.all` pass both handlers, and their derived promise cannot fail.
    return onRejected ? derived : this.#told(derived);
  }

  override finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#told(super.finally(onFinally));
  }

  #told<R>(derived: Promise<R>): Promise<R> {
    if (derived instanceof AwaitablePromise) this.onDerived?.(derived);
    return derived;
  }
}

interface MadeCall {
  readonly call: string;
  readonly promise: AwaitablePromise<unknown>;
  result: CallResult | null;
}

/**
 * Why the calls of a method are refused. `ended`: it has returned or thrown. `interrupted`: its time ran out. `left`: its
 * node has left the task, which another node goes on with. After the last two it may still run.
 */
type MethodIsOver = 'ended' | 'interrupted' | 'left';

/**
 * The calls of its context that one method makes. An effect that is not awaited could happen after the step is saved, or on a
 * node that has lost the task, and its unhandled error would end the program.
 */
export class MethodCalls {
  readonly #scope: MethodScope;
  readonly #effects: MadeCall[] = [];
  #derived: MadeCall[] | null = null;
  #unawaited: readonly MadeCall[] | null = null;
  #over: MethodIsOver | null = null;
  #isTold = false;

  constructor(scope: MethodScope) {
    this.#scope = scope;
  }

  get isOver(): boolean {
    return this.#over !== null;
  }

  /** False for most methods. */
  get hasEffects(): boolean {
    return this.#effects.length > 0;
  }

  /** Makes a call without an effect. Its error is ignored when nothing awaits the call. */
  read<T>(work: () => Promise<T>): Promise<T> {
    const result = runOutsideScopes(work);
    void resultOf(result);
    return result;
  }

  /** Makes a call with an effect outside. The call ends before the step is saved, even if the method does not await it. */
  effect<T>(call: string, work: () => Promise<T>): Promise<T> {
    if (this.#over) return Promise.reject(this.#late(call, this.#over));
    const result = runOutsideScopes(work);
    const promise = new AwaitablePromise<T>((resolve, reject) => void result.then(resolve, reject));
    this.#effects.push(this.#follow(call, promise));
    return promise;
  }

  /** Throws for a change of the step after the end of the method, because the step is saved by then, or about to be. */
  refuseLate(call: string): void {
    if (this.#over) throw this.#late(call, this.#over);
  }

  /** Throws for a write to memory or a bag after the end of the method. */
  refuseLateWrite(path: string): never {
    throw this.#late(`The write to ${path}`, this.#over ?? 'ended');
  }

  /**
   * Refuses further calls, and returns a promise of the end of all effects under way; null when there are none. An effect may be
   * under way although something awaits it: another promise won a race, or a helper function was not awaited.
   */
  end(): Promise<unknown> | null {
    this.close();
    this.#unawaited = this.#effects.filter(({ promise }) => !promise.isAwaited);
    const goingOn = this.#effects.filter(({ result }) => !result);
    const isDerivedGoingOn = (this.#derived ?? []).some(({ promise, result }) => !promise.isAwaited && !result);
    if (goingOn.length === 0 && !isDerivedGoingOn) return null;
    return Promise.all(goingOn.map(({ promise }) => resultOf(promise)));
  }

  /** Refuses further calls. The first reason counts. */
  close(over: MethodIsOver = 'ended'): void {
    this.#over ??= over;
  }

  /** Returns the unfinished and unawaited calls. Their later failures become unhandled errors. */
  takeLeft(): readonly LeftCall[] {
    this.#isTold = true;
    const lost = (this.#derived ?? []).filter(({ promise, result }) => result?.failed === true && !promise.isAwaited);
    return [
      ...(this.#unawaited ?? []).map(({ call, result }) => ({ call, what: 'call' as const, result })),
      ...lost.map(({ call, result }) => ({ call, what: 'error' as const, result })),
    ];
  }

  /** Returns the error of a call that came too late. Its author is told, unless another node makes the same call. */
  #late(call: string, over: MethodIsOver): Error {
    const method = namedMethod(this.#scope);
    if (over === 'left')
      return new Error(`${call} did nothing: this node has left the task, and another calls ${method}`);
    const why =
      over === 'ended'
        ? `${method} was over when it came, so an "await" is missing there`
        : `${method} had been given up when it came, because it ran for longer than a method may`;
    this.#scope.reportLateError?.(`${call} did nothing: ${why}.`);
    return new Error(`${call} did nothing: ${why}`);
  }

  /** Records a call. Its error is handled from now on: by the code that awaits it, otherwise by the caller of takeLeft. */
  #follow(call: string, promise: AwaitablePromise<unknown>): MadeCall {
    const made: MadeCall = { call, promise, result: null };
    promise.onDerived = (derived) => {
      if (!this.#over) (this.#derived ??= []).push(this.#follow(call, derived));
    };
    void resultOf(promise).then((result) => {
      made.result = result;
      if (result.failed && this.#isTold && !promise.isAwaited) void Promise.reject(result.error as Error);
    });
    return made;
  }
}

function resultOf(promise: Promise<unknown>): Promise<CallResult> {
  // The promise's own `then` would mark it as awaited.
  return Promise.prototype.then.call(
    promise,
    () => ({ failed: false }),
    (error: unknown) => ({ failed: true, error }),
  ) as Promise<CallResult>;
}
