import { runOutsideScopes } from '../method-scope.ts';

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

interface MadeEffect {
  readonly call: string;
  readonly promise: AwaitablePromise<unknown>;
  isSettled: boolean;
}

/**
 * The calls of its context that one method makes. An effect that nobody waits for may happen after the step is saved, or on
 * a node that has lost the task; and the error of a call that nobody waits for has no one to handle it, which ends a program.
 */
export class MethodCalls {
  readonly #effects: MadeEffect[] = [];
  #isOver = false;

  /** Makes a call that changes nothing in the world. Its error is nobody's when nobody waits for it. */
  read<T>(work: () => Promise<T>): Promise<T> {
    const result = runOutsideScopes(work);
    void outcomeOf(result);
    return result;
  }

  /** Makes a call that does something in the world. It is over before the step is saved, whatever the method does with it. */
  effect<T>(call: string, work: () => Promise<T>): Promise<T> {
    const result = runOutsideScopes(work);
    const promise = new AwaitablePromise<T>((resolve, reject) => void result.then(resolve, reject));
    const made: MadeEffect = { call, promise, isSettled: false };
    // Its error has an owner from now on: whoever waits for it, otherwise `end`.
    void outcomeOf(promise).then(() => (made.isSettled = true));
    if (!this.#isOver) this.#effects.push(made);
    return promise;
  }

  /**
   * Returns the effects that nobody waits for now that the method is over, and those that somebody waits for and that are
   * under way still: a race was won by something else.
   */
  end(): { readonly unawaited: readonly UnawaitedCall[]; readonly underWay: readonly Promise<unknown>[] } {
    this.#isOver = true;
    const unawaited = this.#effects.filter(({ promise }) => !promise.isAwaited);
    const underWay = this.#effects.filter(({ promise, isSettled }) => promise.isAwaited && !isSettled);
    return {
      unawaited: unawaited.map(({ call, promise }) => ({ call, outcome: outcomeOf(promise) })),
      underWay: underWay.map(({ promise }) => outcomeOf(promise)),
    };
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
