import { NOWHERE, type TableGraph } from './table-graph.ts';

/** Groups of states that lead to one another; a state that is in no such ring is a group of its own. */
export interface Components {
  /** The group of each state. A group leads only to itself and to groups with smaller numbers. */
  readonly of: Int32Array;
  /** The states, group after group. */
  readonly order: Int32Array;
}

const UNSEEN = -1;

/**
 * Tarjan's algorithm, which looks at each row once; without recursion, because tables may be longer than the call
 * stack is deep.
 */
export function componentsOf(graph: TableGraph, rows: 'all' | 'free'): Components {
  const { firstRow, targets, isFree, stateCount } = graph;
  const of = new Int32Array(stateCount).fill(UNSEEN);
  const order = new Int32Array(stateCount);
  const seenAs = new Int32Array(stateCount).fill(UNSEEN);
  const low = new Int32Array(stateCount);
  const nextRow = firstRow.slice(0, stateCount);
  const open: number[] = [];
  let [seen, groups, placed, lowest] = [0, 0, 0, 0];

  /** The next state to go down to; undefined when all rows of `state` have been followed. */
  const descend = (state: number): number | undefined => {
    const end = firstRow[state + 1]!;
    for (let at = nextRow[state]!; at < end; at += 1) {
      // Nothing is left to go down to and nothing lower to be found: where all leads everywhere, half of the rows.
      if (seen === stateCount && low[state] === lowest) break;
      const target = targets[at]!;
      if (target === NOWHERE || (rows === 'free' && isFree[at] === 0)) continue;
      if (seenAs[target] === UNSEEN) {
        nextRow[state] = at; // looked at again on the way back, for its `low`
        return target;
      }
      if (of[target] === UNSEEN && low[target]! < low[state]!) low[state] = low[target]!;
    }
    return undefined;
  };
  const close = (root: number): void => {
    let member: number;
    do {
      member = open.pop()!;
      of[member] = groups;
      order[placed++] = member;
    } while (member !== root);
    groups += 1;
  };

  for (let start = 0; start < stateCount; start += 1) {
    if (seenAs[start] !== UNSEEN) continue;
    const path = [start];
    while (path.length > 0) {
      const state = path.at(-1)!;
      if (seenAs[state] === UNSEEN) {
        if (open.length === 0) lowest = seen;
        seenAs[state] = low[state] = seen++;
        open.push(state);
      }
      const next = descend(state);
      if (next !== undefined) {
        path.push(next);
        continue;
      }
      path.pop();
      if (low[state] === seenAs[state]) close(state);
    }
  }
  return { of, order };
}

/** The groups of two and more states that lead to one another along rows that nothing holds, in the table's order. */
export function freeCyclesOf(graph: TableGraph): number[][] {
  const { of } = componentsOf(graph, 'free');
  const members = new Map<number, number[]>();
  of.forEach((group, state) => {
    const earlier = members.get(group);
    if (earlier) earlier.push(state);
    else members.set(group, [state]);
  });
  return [...members.values()].filter((group) => group.length > 1);
}

/** Most states are seen to reach `finish` by looking at each once, the last ones first; 0 for those that are not. */
function seenToReachFinish({ firstRow, targets, stateCount, finish }: TableGraph): Uint8Array {
  const isAlive = new Uint8Array(stateCount);
  isAlive[finish] = 1;
  for (let state = stateCount - 1; state >= 0; state -= 1) {
    for (let at = firstRow[state]!; at < firstRow[state + 1]! && isAlive[state] === 0; at += 1) {
      const target = targets[at]!;
      if (target !== NOWHERE && isAlive[target] === 1) isAlive[state] = 1;
    }
  }
  return isAlive;
}

/** Which states reach `finish` along rows of the table. */
export function reachesFinish(graph: TableGraph): Uint8Array {
  const seen = seenToReachFinish(graph);
  return seen.includes(0) ? reachesFinishByGroups(graph) : seen;
}

function reachesFinishByGroups(graph: TableGraph): Uint8Array {
  const { firstRow, targets, stateCount, finish } = graph;
  const { of, order } = componentsOf(graph, 'all');
  const isAlive = new Uint8Array(stateCount); // by group
  isAlive[of[finish]!] = 1;
  // Groups come before those that lead to them, so one pass is enough.
  for (const state of order) {
    const group = of[state]!;
    for (let at = firstRow[state]!; at < firstRow[state + 1]! && isAlive[group] === 0; at += 1) {
      const target = targets[at]!;
      if (target !== NOWHERE && isAlive[of[target]!] === 1) isAlive[group] = 1;
    }
  }
  return new Uint8Array(of.map((group) => isAlive[group]!));
}
