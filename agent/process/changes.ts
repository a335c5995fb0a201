/** Lets many wait for the next change of one thing. */
export interface Changes {
  /** Resolves with the next `tell`, or when the signal aborts. */
  next(signal: AbortSignal): Promise<void>;
  tell(): void;
}

export function createChanges(): Changes {
  const waiting = new Set<() => void>();
  return {
    next: (signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        signal.addEventListener('abort', done);
        if (signal.aborted) done();
      }),
    tell() {
      for (const resolve of [...waiting]) resolve();
    },
  };
}
