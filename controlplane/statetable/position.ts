import { findBlock, findRow, type StateTable } from './table.ts';

/** An error on its way to the state that handles it. `earlier` is the error that preceded it. */
export interface TableFailure {
  readonly kind: 'no-row' | 'max-exceeded' | 'not-a-string' | 'transition-method-threw' | 'state-threw';
  /** The state whose method failed, or whose rows did not cover the answer. */
  readonly state: string;
  readonly message: string;
  readonly earlier: TableFailure | null;
}

/**
 * How a state is entered, which decides where an error in it leads. `start` and `terminate-unstarted` leave no state,
 * and `error` already follows a `!` row, so their errors can only lead to `failure`. `row` and `terminate` have the
 * `!` row of the state they left.
 */
export type Way = 'start' | 'row' | 'error' | 'terminate' | 'terminate-unstarted';

/** A state whose method was requested to run and has not been reported as done. */
export interface Entering {
  readonly state: string;
  readonly way: Way;
  /** The state being left; null when the task was not started. */
  readonly from: string | null;
  /** The answer of the transition method, `!` when it threw; null when none was asked. */
  readonly value: string | null;
  /** The value of the row taken, or `terminateRequested`; for the log line. */
  readonly rowValue: string | null;
  readonly waitSeconds: number;
  readonly cause: TableFailure | null;
}

/** How a task ends when the state table decides it and not a method. */
export interface Exit {
  readonly status: 'ERROR_SYSTEM' | 'TERMINATED';
  readonly message: string;
}

/** Counters of rows: state → value of the row → times taken. Rows that were never taken are absent. */
type Counters = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * The position of a task in its table: plain JSON, saved with the task, complete between any two calls of decideStep.
 */
export interface Position {
  /** Null until the start state has been entered. */
  readonly state: string | null;
  /** Raised each time a state's method is requested to run. It never decreases, not even by a restart. */
  readonly entry: number;
  readonly counters: Counters;
  /** How often the built-in row to `failure` was taken, from all states together; it has no limit. */
  readonly builtInCount: number;
  /** Set from the instruction `enter` until its result is reported. */
  readonly entering: Entering | null;
  /** Set from the instruction `ask` until the answer is reported. */
  readonly asking: { readonly wake: 'due' | 'early' } | null;
  /** The row with exec=false whose wait the task is in. If the state answers the same early, that wait continues. */
  readonly waitingRow: { readonly state: string; readonly value: string } | null;
  /** How often in succession `failure` was run again because none of its rows covers its answer. */
  readonly failureLoops: number;
  /** True once a request to terminate was handled, which happens only once. */
  readonly terminateHonoured: boolean;
  /** Set when the task is complete. Only a restart moves it again. */
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

// State names come from users. A state called `constructor` must not find the property that every object inherits.
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Returns how often the row of `state` for `value` was taken. */
export function transitionCount(position: Position, state: string, value: string): number {
  return own(own(position.counters, state) ?? {}, value) ?? 0;
}

export function countTransition(position: Position, state: string, value: string): Position {
  const counts = own(position.counters, state) ?? {};
  const next = { ...counts, [value]: transitionCount(position, state, value) + 1 };
  return { ...position, counters: { ...position.counters, [state]: next } };
}

/**
 * Clears the counter of a row, so that it can be taken `max` times again. `cleared` tells whether the table has such a
 * row.
 */
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

/** Returns the messages of an error and of the errors that preceded it, the latest first. */
export function describeCause(cause: TableFailure): string {
  const messages: string[] = [];
  for (let at: TableFailure | null = cause; at; at = at.earlier) messages.push(at.message);
  return messages.join('; before that: ');
}
