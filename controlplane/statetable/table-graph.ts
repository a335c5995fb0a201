import { ERROR_VALUE, FINISH, type StateBlock, type StateTable, type Transition } from './table.ts';

/** A row whose target has no block. */
export const NOWHERE = -1;

/** A row as numbers: the index of its state, and its index among all rows. */
export interface RowPosition {
  readonly state: number;
  readonly at: number;
}

/**
 * A table as numbers, made once for all rules. States are numbered in table order; `finish` is last if it has no block.
 * The rows of state s have the indices `firstRow[s]` up to, not including, `firstRow[s + 1]`. Typed arrays are used,
 * because the number of rows grows with the square of the states if every state leads to every other one.
 */
export interface TableGraph {
  readonly table: StateTable;
  readonly finish: number;
  readonly stateCount: number;
  readonly indexOf: ReadonlyMap<string, number>;
  readonly firstRow: Int32Array;
  /** The target state of each row, or NOWHERE. */
  readonly targets: Int32Array;
  /** 1 for a row without wait and max that does not end the task: nothing stops a task that circles along such rows. */
  readonly isFree: Uint8Array;
  /** 1 for a state with a `!` row. */
  readonly hasErrorRow: Uint8Array;
  readonly longestWaitSeconds: number;
  readonly rowsToNowhere: readonly RowPosition[];
  readonly rowsToThemselves: readonly RowPosition[];
}

/** Assigns numbers to the names of states. */
class Numbering {
  readonly indexOf: Map<string, number>;
  private readonly names: string[] = [];
  private readonly indices: number[] = [];

  constructor(states: readonly StateBlock[]) {
    this.indexOf = new Map(states.map((block, index) => [block.name, index]));
    if (!this.indexOf.has(FINISH)) this.indexOf.set(FINISH, states.length);
  }

  /**
   * Returns the number of the target of the row with index `rowIndex` in its block. Blocks of large tables are generated
   * and repeat their targets in order: comparing with the block before takes a fifth of the time of a look-up.
   */
  find(name: string, rowIndex: number): number {
    if (this.names[rowIndex] === name) return this.indices[rowIndex]!;
    const index = this.indexOf.get(name) ?? NOWHERE;
    this.names[rowIndex] = name;
    this.indices[rowIndex] = index;
    return index;
  }
}

export function graphOf(table: StateTable): TableGraph {
  const numbering = new Numbering(table.states);
  const stateCount = numbering.indexOf.size;
  const finish = numbering.indexOf.get(FINISH)!;
  const rowCount = table.states.reduce((sum, block) => sum + block.transitions.length, 0);
  const firstRow = new Int32Array(stateCount + 1).fill(rowCount);
  const targets = new Int32Array(rowCount);
  const isFree = new Uint8Array(rowCount);
  const hasErrorRow = new Uint8Array(stateCount);
  const [rowsToNowhere, rowsToThemselves]: [RowPosition[], RowPosition[]] = [[], []];
  let [at, longestWaitSeconds] = [0, 0];
  for (let state = 0; state < table.states.length; state += 1) {
    const rows = table.states[state]!.transitions;
    firstRow[state] = at;
    for (let rowIndex = 0; rowIndex < rows.length; rowIndex += 1, at += 1) {
      const row = rows[rowIndex]!;
      const target = numbering.find(row.target, rowIndex);
      targets[at] = target;
      if (row.waitSeconds > longestWaitSeconds) longestWaitSeconds = row.waitSeconds;
      if (row.waitSeconds === 0 && row.max === 0 && target !== finish) isFree[at] = 1;
      // Lengths are compared first: comparing texts costs more, and there are millions of rows.
      if (row.value.length === 1 && row.value === ERROR_VALUE) hasErrorRow[state] = 1;
      if (target === NOWHERE) rowsToNowhere.push({ state, at });
      if (target === state) rowsToThemselves.push({ state, at });
    }
  }
  const { indexOf } = numbering;
  return {
    table,
    finish,
    stateCount,
    indexOf,
    firstRow,
    targets,
    isFree,
    hasErrorRow,
    longestWaitSeconds,
    rowsToNowhere,
    rowsToThemselves,
  };
}

export function rowAt(
  { table, firstRow }: TableGraph,
  { state, at }: RowPosition,
): { block: StateBlock; row: Transition } {
  const block = table.states[state]!;
  return { block, row: block.transitions[at - firstRow[state]!]! };
}

/** Returns the states that can be reached from `starts`, these included. */
export function reachedFrom(graph: TableGraph, starts: readonly number[]): Uint8Array {
  const { firstRow, targets, stateCount } = graph;
  const isReached = new Uint8Array(stateCount);
  const queue = [...new Set(starts)];
  for (const start of queue) isReached[start] = 1;
  // The queue grows while it is read. Once it holds all states, no remaining row can add one.
  for (let next = 0; next < queue.length && queue.length < stateCount; next += 1) {
    const state = queue[next]!;
    for (let at = firstRow[state]!; at < firstRow[state + 1]!; at += 1) {
      const target = targets[at]!;
      if (target === NOWHERE || isReached[target] === 1) continue;
      isReached[target] = 1;
      queue.push(target);
    }
  }
  return isReached;
}
