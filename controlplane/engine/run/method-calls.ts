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

interface MadeCall {
  readonly call: string;
  readonly promise: AwaitablePromise<unknown>;
  readonly isEffect: boolean;
  isSettled: boolean;
}

/**
 * The calls of its context that one method makes. A call that nobody waits for may happen after the step is saved, or on a
 * node that has lost the task; and its error would have no one to handle it, which ends a program.
 */
export class MethodCalls {
  readonly #calls: MadeCall[] = [];
  #isOver = false;

  /** Makes a call that changes nothing in the world. Its error is nobody's when nobody waits for it. */
  read<T>(call: string, work: () => Promise<T>): Promise<T> {
    return this.#make(call, work, false);
  }

  /** Makes a call that does something in the world. It is over before the step is saved, whatever the method does with it. */
  effect<T>(call: string, work: () => Promise<T>): Promise<T> {
    return this.#make(call, work, true);
  }

  #make<T>(call: string, work: () => Promise<T>, isEffect: boolean): Promise<T> {
    const result = runOutsideScopes(work);
    const promise = new AwaitablePromise<T>((resolve, reject) => void result.then(resolve, reject));
    const made: MadeCall = { call, promise, isEffect, isSettled: false };
    // Its error has an owner from now on: whoever waits for it, otherwise `end`.
    void outcomeOf(promise).then(() => (made.isSettled = true));
    if (!this.#isOver) this.#calls.push(made);
    return promise;
  }

  /**
   * Returns the effects that nobody waits for now that the method is over, and those that somebody waits for and that are
   * under way still: a race was won by something else.
   */
  end(): { readonly unawaited: readonly UnawaitedCall[]; readonly effects: readonly Promise<unknown>[] } {
    this.#isOver = true;
    // A read that was begun early, and was not needed in the end, is no mistake.
    const unawaited = this.#calls.filter(({ promise, isEffect }) => isEffect && !promise.isAwaited);
    const effects = this.#calls.filter(
      ({ promise, isEffect, isSettled }) => isEffect && !isSettled && promise.isAwaited,
    );
    return {
      unawaited: unawaited.map(({ call, promise }) => ({ call, outcome: outcomeOf(promise) })),
      effects: effects.map(({ promise }) => outcomeOf(promise)),
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
