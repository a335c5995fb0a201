import type { TaskId } from '../../../shared/model/ids.ts';
import type { Clock } from '../../../shared/support/clock.ts';

/** The tasks that changed between two looks. */
export interface ListChange {
  /** ISO 8601: the time of the look. A reader that comes back names it and misses nothing. */
  readonly at: string;
  /** Empty when nothing changed. */
  readonly ids: readonly TaskId[];
}

export interface TaskListWatch {
  /**
   * Yields each second what changed since, until `abort` aborts. With `since` the first look counts every task that has not
   * ended, and those that ended then or later, as changed; without it nothing.
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
const LOOK_MS = 1_000;
// A task that has ended is looked at this much longer, so that a look that comes late still sees its end.
const KEPT_MS = 60_000;

/** Looks at the tasks once a second for all readers of this node together, while there is one. */
export function createTaskListWatch({ readVersions, clock }: TaskListWatchDeps): TaskListWatch {
  let looking: Promise<Look> | undefined;
  let lookedAtMs = -Infinity;

  /** Readers that come within the same second share a look. */
  function look(): Promise<Look> {
    const nowMs = clock.monotonicMs();
    if (looking && nowMs - lookedAtMs < LOOK_MS) return looking;
    lookedAtMs = nowMs;
    looking = readVersions(new Date(clock.now().getTime() - KEPT_MS));
    return looking;
  }

  async function* changes(since: Date | null, abort: AbortSignal): AsyncGenerator<ListChange> {
    let known = since ? await readVersions(since) : await look();
    yield { at: known.at.toISOString(), ids: since ? [...known.versions.keys()] : [] };
    while (!abort.aborted) {
      await clock.sleep(LOOK_MS, abort);
      if (abort.aborted) return;
      const next = await look();
      yield { at: next.at.toISOString(), ids: changedIds(known, next) };
      known = next;
    }
  }

  return { changes };
}

type Look = Awaited<ReturnType<TaskListWatchDeps['readVersions']>>;

function changedIds(before: Look, now: Look): TaskId[] {
  return [...now.versions].flatMap(([id, version]) => (before.versions.get(id) === version ? [] : [id]));
}
