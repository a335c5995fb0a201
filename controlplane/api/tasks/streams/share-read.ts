/**
 * Returns `read` for many callers: calls with the same key (`keyOf`) share one read and its result. A read begins after all of its
 * calls, so no caller gets a result that is older than its call.
 *
 * There is one read with a key at a time: calls that come while it is under way share the next one, which begins when it has
 * ended. With a read for each turn of the event loop, a thousand readers that had once come apart, because the database was slow,
 * would each read by themselves from then on, and keep it slow.
 */
export function shareRead<Asked, Result>(
  read: (asked: Asked) => Promise<Result>,
  keyOf: (asked: Asked) => string,
): (asked: Asked) => Promise<Result> {
  const upcoming = new Map<string, Promise<Result>>();
  const running = new Map<string, Promise<unknown>>();

  async function readNext(key: string, asked: Asked): Promise<Result> {
    const before = running.get(key);
    // Whoever made the read before has its error.
    await (before?.catch(() => undefined) ?? new Promise(setImmediate));
    upcoming.delete(key);
    const answer = read(asked);
    running.set(key, answer);
    try {
      return await answer;
    } finally {
      if (running.get(key) === answer) running.delete(key);
    }
  }

  return (asked) => {
    const key = keyOf(asked);
    const shared = upcoming.get(key) ?? readNext(key, asked);
    upcoming.set(key, shared);
    return shared;
  };
}
