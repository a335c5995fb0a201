import type { TaskId } from '../../../../shared/model/ids.ts';
import type { Clock } from '../../../../shared/time/clock.ts';

/** The tasks that changed between two polls. */
export interface ListChange {
  /** ISO 8601: the time of the poll. A reader that comes back names it and misses nothing. */
  readonly at: string;
  /** Empty when nothing changed. */
  readonly ids: readonly TaskId[];
}

export interface TaskListWatch {
  /**
   * Yields each second what changed since, until `abort` aborts. With `since`, the first poll yields every task that has not
   * ended, and those that ended at that time or later; without it, the first poll yields none.
   */
  changes(since: Date | null, abort: AbortSignal): AsyncIterable<ListChange>;
}

export interface TaskListWatchDeps {
  readonly readVersions: (
    endedSince: Date,
  ) => Promise<{ readonly at: Date; readonly versions: ReadonlyMap<TaskId, string> }>;
  readonly clock: Clock;
}

// The list is drawn anew at most once a second: more would be restless, and cost a query each.
const POLL_INTERVAL_MS = 1_000;
// Half of the interval: readers that wake together share a poll, and the next second gets a new one.
const SHARED_MS = 500;
// A task that has ended is polled this much longer, so that a poll that comes late still sees its end.
const KEPT_MS = 60_000;

/** Polls the tasks once a second for all readers of this node together, while there is one. */
export function createTaskListWatch({ readVersions, clock }: TaskListWatchDeps): TaskListWatch {
  let polling: Promise<Poll> | undefined;
  let polledAtMs = -Infinity;

  /** Readers that come at the same time share a poll. */
  function poll(): Promise<Poll> {
    const nowMs = clock.monotonicMs();
    if (polling && nowMs - polledAtMs < SHARED_MS) return polling;
    polledAtMs = nowMs;
    polling = readVersions(new Date(clock.now().getTime() - KEPT_MS));
    return polling;
  }

  async function* changes(since: Date | null, abort: AbortSignal): AsyncGenerator<ListChange> {
    let known = since ? await readVersions(since) : await poll();
    yield { at: known.at.toISOString(), ids: since ? [...known.versions.keys()] : [] };
    while (!abort.aborted) {
      // Sleeps until the next full second, so that all readers wake together, whenever they came.
      await clock.sleep(POLL_INTERVAL_MS - (clock.monotonicMs() % POLL_INTERVAL_MS), abort);
      if (abort.aborted) return;
      const next = await poll();
      yield { at: next.at.toISOString(), ids: changedIds(known, next) };
      known = next;
    }
  }

  return { changes };
}

type Poll = Awaited<ReturnType<TaskListWatchDeps['readVersions']>>;

function changedIds(before: Poll, now: Poll): TaskId[] {
  return [...now.versions].flatMap(([id, version]) => (before.versions.get(id) === version ? [] : [id]));
}
