import { runOutsideScopes } from './method-scope.ts';

/** A call that a method made and did not wait for. */
export interface UnawaitedCall {
  /** As the author wrote it, such as `addTask("scan")`. */
  readonly call: string;
  /** Settles with the call; never rejects. */
  readonly outcome: Promise<{ readonly failed: boolean; readonly error?: unknown }>;
}

/** A promise that knows whether somebody waits for it. `await` and the functions of Promise call `then`. */
class AwaitablePromise<T> extends Promise<T> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  isAwaited = false;

  override then<R = T, E = never>(
    onFulfilled?: ((value: T) => R | PromiseLike<R>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    this.isAwaited = true;
    return super.then(onFulfilled, onRejected);
  }
}

/**
 * The calls of its context that one method makes. A call that nobody waits for may happen after the step is saved, or on a
 * node that has lost the task; and its error would have no one to handle it, which ends a program.
 */
export class MethodCalls {
  readonly #calls: { readonly call: string; readonly promise: AwaitablePromise<unknown> }[] = [];
  #isOver = false;

  make<T>(call: string, work: () => Promise<T>): Promise<T> {
    const result = runOutsideScopes(work);
    const promise = new AwaitablePromise<T>((resolve, reject) => void result.then(resolve, reject));
    // Its error has an owner from now on: whoever waits for it, otherwise `end`.
    void outcomeOf(promise);
    if (!this.#isOver) this.#calls.push({ call, promise });
    return promise;
  }

  /** Returns the calls that nobody waits for now that the method is over. */
  end(): UnawaitedCall[] {
    this.#isOver = true;
    const unawaited = this.#calls.filter(({ promise }) => !promise.isAwaited);
    return unawaited.map(({ call, promise }) => ({ call, outcome: outcomeOf(promise) }));
  }
}

function outcomeOf(promise: Promise<unknown>): UnawaitedCall['outcome'] {
  // Not by the promise's own `then`: to look at it is not to wait for it.
  return Promise.prototype.then.call(
    promise,
    () => ({ failed: false }),
    (error: unknown) => ({ failed: true, error }),
  ) as UnawaitedCall['outcome'];
}
