/** The state that ends a task. It needs no block of its own. */
export const FINISH = 'finish';
/** The block to which errors lead when the state being left has no `!` row. */
export const FAILURE = 'failure';
/** The block to which a request to terminate leads. */
export const TERMINATE = 'terminate';
/** The transition method of a state that names no method. It always answers `''`, so nothing is called. */
export const EMPTY_TRANSITION = 'emptyTransition';
export const DEFAULT_TIMER = 'system';
/** The values of two special rows: `*` for every other value, `!` for errors. */
export const ANY_VALUE = '*';
export const ERROR_VALUE = '!';

/** One row of a block: the target when the transition method answers `value`. */
export interface Transition {
  readonly value: string;
  readonly target: string;
  readonly waitSeconds: number;
  /** How often the row may be taken; 0 means no limit. */
  readonly max: number;
  /** False: the target is entered without calling its method, and asked again after the wait. */
  readonly exec: boolean;
  /** The line of the row, 1-based, for messages. */
  readonly line: number;
  readonly column: number;
}

export interface StateBlock {
  readonly name: string;
  readonly transitionMethod: string;
  /** The timer that counts the time a task is in this state. */
  readonly timer: string;
  readonly transitions: readonly Transition[];
  readonly line: number;
  readonly column: number;
}

export interface StateTable {
  /** The first block; null for a table without blocks, which the linter reports. */
  readonly startState: string | null;
  readonly states: readonly StateBlock[];
  /** The `name = value` lines outside of blocks. */
  readonly variables: Readonly<Record<string, string>>;
}

// Each step looks up two or three blocks. Tables are immutable, so an index is kept for each.
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

/**
 * Returns the row for an answer: the exact one, else `*`. `*` never covers `!`: a table must name errors to survive
 * them.
 */
export function rowFor(block: StateBlock | undefined, value: string): Transition | undefined {
  return findRow(block, value) ?? (value === ERROR_VALUE ? undefined : findRow(block, ANY_VALUE));
}

export function timerOf(table: StateTable, state: string | null): string {
  return (state === null ? undefined : findBlock(table, state)?.timer) ?? DEFAULT_TIMER;
}
