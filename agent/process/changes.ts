/** Wakes everybody who waits for the next change of one thing. */
export interface Changes {
  /** Resolves with the next `tell`, or when the signal aborts. */
  next(abort: AbortSignal): Promise<void>;
  notify(): void;
}

export function createChanges(): Changes {
  const waiting = new Set<() => void>();
  return {
    next: (abort) =>
      new Promise((resolve) => {
        const done = (): void => {
          waiting.delete(done);
          abort.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        abort.addEventListener('abort', done);
        if (abort.aborted) done();
      }),
    notify() {
      for (const resolve of [...waiting]) resolve();
    },
  };
}
