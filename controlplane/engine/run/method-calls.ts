import { namedMethod, runOutsideScopes, type MethodScope } from '../method-scope.ts';

type CallResult = { readonly failed: false } | { readonly failed: true; readonly error: unknown };

/** What a method has left of a call. */
interface LeftCall {
  /** As the author wrote it, such as `addTask("scan")`. */
  readonly call: string;
  /** `call`: nobody waits for it. `error`: of a promise that was made of that of the call, such as by `then`. */
  readonly what: 'call' | 'error';
  /** Null while it goes on. */
  readonly result: CallResult | null;
}

/** A promise that knows whether somebody waits for it. `await` and the functions of Promise call `then`. */
class AwaitablePromise<T> extends Promise<T> {
  isAwaited = false;
  /** Called with each promise that is made of this one and has its errors. */
  onDerived: ((promise: AwaitablePromise<unknown>) => void) | null = null;

  override then<R = T, E = never>(
    onFulfilled?: ((value: T) => R | PromiseLike<R>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    this.isAwaited = true;
    const derived = super.then(onFulfilled, onRejected);
    // `await` and `Promise.all` give both, and make no promise that can fail.
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
 * The calls of its context that one method makes. An effect that nobody waits for may happen after the step is saved, or on
 * a node that has lost the task; and the error of a call that nobody waits for has no one to handle it, which ends a program.
 */
export class MethodCalls {
  readonly #scope: MethodScope;
  readonly #effects: MadeCall[] = [];
  #derived: MadeCall[] | null = null;
  #unawaited: readonly MadeCall[] | null = null;
  #isOver = false;
  #isTold = false;

  constructor(scope: MethodScope) {
    this.#scope = scope;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Few methods make any. */
  get hasEffects(): boolean {
    return this.#effects.length > 0;
  }

  /** Makes a call that changes nothing in the world. Its error is nobody's when nobody waits for it. */
  read<T>(work: () => Promise<T>): Promise<T> {
    const result = runOutsideScopes(work);
    void resultOf(result);
    return result;
  }

  /** Makes a call that does something in the world. It is over before the step is saved, whatever the method does with it. */
  effect<T>(call: string, work: () => Promise<T>): Promise<T> {
    if (this.#isOver) return Promise.reject(this.#late(call));
    const result = runOutsideScopes(work);
    const promise = new AwaitablePromise<T>((resolve, reject) => void result.then(resolve, reject));
    this.#effects.push(this.#follow(call, promise));
    return promise;
  }

  /** Throws for a change of the step that comes when the method is over: the step is saved then, or about to be. */
  refuseLate(call: string): void {
    if (this.#isOver) throw this.#late(call);
  }

  /** Throws for a write to memory or bag that comes when the method is over. */
  refuseLateWrite(path: string): never {
    const method = namedMethod(this.#scope);
    this.#scope.tellLate?.(
      `A write to ${path} did nothing: ${method} was over when it came, so an "await" is missing there.`,
    );
    throw new Error(`${path} was written when ${method} was over: await what writes it`);
  }

  /**
   * Ends what the method may call. Returns a promise of the end of what goes on: effects that nobody waits for, and those that
   * somebody waits for: a race was won by something else, or a helper is not awaited. Null when nothing does.
   */
  end(): Promise<unknown> | null {
    this.close();
    this.#unawaited = this.#effects.filter(({ promise }) => !promise.isAwaited);
    const goingOn = this.#effects.filter(({ result }) => !result);
    const isDerivedGoingOn = (this.#derived ?? []).some(({ promise, result }) => !promise.isAwaited && !result);
    if (goingOn.length === 0 && !isDerivedGoingOn) return null;
    return Promise.all(goingOn.map(({ promise }) => resultOf(promise)));
  }

  /** Refuses what is called from now on. */
  close(): void {
    this.#isOver = true;
  }

  /** Returns what is left of the calls now. What fails later of them is an error that nobody handles. */
  takeLeft(): readonly LeftCall[] {
    this.#isTold = true;
    const lost = (this.#derived ?? []).filter(({ promise, result }) => result?.failed === true && !promise.isAwaited);
    return [
      ...(this.#unawaited ?? []).map(({ call, result }) => ({ call, what: 'call' as const, result })),
      ...lost.map(({ call, result }) => ({ call, what: 'error' as const, result })),
    ];
  }

  #late(call: string): Error {
    const method = namedMethod(this.#scope);
    this.#scope.tellLate?.(
      `${call} did nothing: ${method} was over when it was called, so an "await" is missing there.`,
    );
    return new Error(`${call} was called when ${method} was over: await what calls it`);
  }

  /** The error of the promise has an owner from now on: whoever waits for it, otherwise who asks for what is left. */
  #follow(call: string, promise: AwaitablePromise<unknown>): MadeCall {
    const made: MadeCall = { call, promise, result: null };
    promise.onDerived = (derived) => {
      if (!this.#isOver) (this.#derived ??= []).push(this.#follow(call, derived));
    };
    void resultOf(promise).then((result) => {
      made.result = result;
      if (result.failed && this.#isTold && !promise.isAwaited) void Promise.reject(result.error as Error);
    });
    return made;
  }
}

function resultOf(promise: Promise<unknown>): Promise<CallResult> {
  // Not by the promise's own `then`: to look at it is not to wait for it.
  return Promise.prototype.then.call(
    promise,
    () => ({ failed: false }),
    (error: unknown) => ({ failed: true, error }),
  ) as Promise<CallResult>;
}
