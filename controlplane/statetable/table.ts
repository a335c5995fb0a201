/** The state that ends a task. It needs no block of its own. */
export const FINISH = 'finish';
/** The block errors lead to when the state being left has no `!` row. */
export const FAILURE = 'failure';
/** The block a request to terminate leads to. */
export const TERMINATE = 'terminate';
/** The transition method of a state that names none; it always answers `''`, so nothing has to be called. */
export const EMPTY_TRANSITION = 'emptyTransition';
export const DEFAULT_TIMER = 'system';
/** The value of the row for every other value, and of the row for errors. */
export const ANY_VALUE = '*';
export const ERROR_VALUE = '!';

/** One row of a block: what to do when the transition method answers `value`. */
export interface Transition {
  readonly value: string;
  readonly target: string;
  readonly waitSeconds: number;
  /** How often the row may be taken; 0 is without a limit. */
  readonly max: number;
  /** False enters the target without calling its method: wait, then ask again. */
  readonly exec: boolean;
  /** 1-based, for messages. */
  readonly line: number;
  readonly column: number;
}

export interface StateBlock {
  readonly name: string;
  readonly transitionMethod: string;
  /** Whose time it is while the task is in this state. */
  readonly timer: string;
  readonly transitions: readonly Transition[];
  readonly line: number;
  readonly column: number;
}

export interface StateTable {
  /** The first block; null for a table that holds none, which the linter reports. */
  readonly startState: string | null;
  readonly states: readonly StateBlock[];
  /** The `name = value` lines outside blocks. */
  readonly variables: Readonly<Record<string, string>>;
}

// Every step looks up two or three blocks; tables are never changed, so their index can be kept beside them.
const indices = new WeakMap<StateTable, ReadonlyMap<string, StateBlock>>();

function indexOf(table: StateTable): ReadonlyMap<string, StateBlock> {
  const known = indices.get(table);
  if (known) return known;
  const index = new Map(table.states.map((block) => [block.name, block]));
  indices.set(table, index);
  return index;
}

export function findBlock(table: StateTable, state: string): StateBlock | undefined {
  return indexOf(table).get(state);
}

export function findRow(block: StateBlock | undefined, value: string): Transition | undefined {
  return block?.transitions.find((row) => row.value === value);
}

/** The row for an answer: the exact one, else `*`, which never stands for `!`: a failure must be named to be survived. */
export function rowFor(block: StateBlock | undefined, value: string): Transition | undefined {
  return findRow(block, value) ?? (value === ERROR_VALUE ? undefined : findRow(block, ANY_VALUE));
}

export function timerOf(table: StateTable, state: string | null): string {
  return (state === null ? undefined : findBlock(table, state)?.timer) ?? DEFAULT_TIMER;
}
