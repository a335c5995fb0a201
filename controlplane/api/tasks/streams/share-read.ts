/**
 * Returns `read` for many callers: calls with the same key (`keyOf`) in one turn of the event loop share one read and its result.
 * The read begins after all of these calls, so no caller gets a result that is older than its call.
 */
export function shareRead<Asked, Result>(
  read: (asked: Asked) => Promise<Result>,
  keyOf: (asked: Asked) => string,
): (asked: Asked) => Promise<Result> {
  const upcoming = new Map<string, Promise<Result>>();
  return (asked) => {
    const key = keyOf(asked);
    const shared = upcoming.get(key);
    if (shared) return shared;
    const answer = new Promise(setImmediate).then(() => {
      upcoming.delete(key);
      return read(asked);
    });
    upcoming.set(key, answer);
    return answer;
  };
}
