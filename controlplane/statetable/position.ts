import { findBlock, findRow, type StateTable } from './table.ts';

/** An error on its way to the state that takes care of it; `earlier` is the error that it followed. */
export interface Cause {
  readonly kind: 'no-row' | 'max-exceeded' | 'not-a-string' | 'transition-method-threw' | 'state-threw';
  /** The state whose method failed, or whose rows did not cover the answer. */
  readonly state: string;
  readonly message: string;
  readonly earlier: Cause | null;
}

/**
 * How a state came to be entered. It decides where an error in it leads:
 * `start` and `terminate-unstarted` leave no state, `error` already goes along `!`, so its own error can only go to
 * `failure`; `row` and `terminate` still have the `!` of the state they left.
 */
export type Way = 'start' | 'row' | 'error' | 'terminate' | 'terminate-unstarted';

/** A state whose method was asked to run and has not been reported as done. */
export interface Entering {
  readonly state: string;
  readonly way: Way;
  /** The state being left; null when the task was not started. */
  readonly from: string | null;
  /** What the transition method answered, `!` when it threw; null when none was asked. */
  readonly value: string | null;
  /** The value of the row taken, `terminateRequested` for a request; for the log line. */
  readonly rowValue: string | null;
  readonly waitSeconds: number;
  readonly cause: Cause | null;
}

/** How a task ends when the state table and not a method says so. */
export interface Exit {
  readonly status: 'ERROR_SYSTEM' | 'TERMINATED';
  readonly message: string;
}

/** Counters of rows: state → value of the row → times taken. Rows that were never taken have none. */
export type Counters = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Where a task stands in its table: plain JSON, saved with the task, complete between any two calls of decideStep. */
export interface Position {
  /** Null until the start state has been entered. */
  readonly state: string | null;
  /** Raised each time a state's method is asked to run; never goes back, not even by a restart. */
  readonly entry: number;
  readonly counters: Counters;
  /** All built-in rows to `failure` together; without a limit. */
  readonly builtInCount: number;
  /** Set from the moment decideStep says `enter` until it hears how that went. */
  readonly entering: Entering | null;
  /** Set from the moment decideStep says `ask` until it hears the answer. */
  readonly asking: { readonly wake: 'due' | 'early' } | null;
  /** The row with exec=false whose wait the task is in: asked early, the same answer just goes on waiting. */
  readonly waitingRow: { readonly state: string; readonly value: string } | null;
  /** How often in a row `failure` came back to itself because no row of it covers what its method answered. */
  readonly failureLoops: number;
  /** A request to terminate is honoured once. */
  readonly terminateHonoured: boolean;
  /** Set when the task is complete; nothing moves it again but a restart. */
  readonly completed: { readonly exit: Exit | null } | null;
}

export const UNSTARTED: Position = {
  state: null,
  entry: 0,
  counters: {},
  builtInCount: 0,
  entering: null,
  asking: null,
  waitingRow: null,
  failureLoops: 0,
  terminateHonoured: false,
  completed: null,
};

/** The position of a task that begins again; only `entry` goes on, so that no entry of before is taken for a new one. */
export function restart(position: Position): Position {
  return { ...UNSTARTED, entry: position.entry };
}

// State names are people's words; one called `constructor` must not find what every object inherits.
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** How often the row of `state` for `value` was taken. */
export function transitionCount(position: Position, state: string, value: string): number {
  return own(own(position.counters, state) ?? {}, value) ?? 0;
}

export function countTransition(position: Position, state: string, value: string): Position {
  const counts = own(position.counters, state) ?? {};
  const next = { ...counts, [value]: transitionCount(position, state, value) + 1 };
  return { ...position, counters: { ...position.counters, [state]: next } };
}

/** Lets a row with a `max` be taken that often again. `cleared` says whether the table has such a row. */
export function clearTransitionCount(
  position: Position,
  table: StateTable,
  state: string,
  value: string,
): { position: Position; cleared: boolean } {
  if (!findRow(findBlock(table, state), value)) return { position, cleared: false };
  const counts = Object.entries(own(position.counters, state) ?? {}).filter(([key]) => key !== value);
  return {
    position: { ...position, counters: { ...position.counters, [state]: Object.fromEntries(counts) } },
    cleared: true,
  };
}

/** The messages of an error and of those it followed, the last one first. */
export function describeCause(cause: Cause): string {
  const messages: string[] = [];
  for (let at: Cause | null = cause; at; at = at.earlier) messages.push(at.message);
  return messages.join('; before that: ');
}
