import { NOWHERE, type TableGraph } from './table-graph.ts';

/**
 * The strongly connected components of a table: states of one group lead to one another. A state in no ring is a group
 * of its own.
 */
interface Components {
  /** The group of each state. A group leads only to itself and to groups with smaller numbers. */
  readonly of: Int32Array;
  /** The states, group after group. */
  readonly order: Int32Array;
}

const UNSEEN = -1;

/**
 * Tarjan's algorithm: it visits each row once. It uses no recursion, because a table can have more states than the
 * call stack has frames.
 */
function componentsOf(graph: TableGraph, rows: 'all' | 'free'): Components {
  const { firstRow, targets, isFree, stateCount } = graph;
  const of = new Int32Array(stateCount).fill(UNSEEN);
  const order = new Int32Array(stateCount);
  const seenAs = new Int32Array(stateCount).fill(UNSEEN);
  const low = new Int32Array(stateCount);
  const nextRow = firstRow.slice(0, stateCount);
  const open: number[] = [];
  let [seen, groups, placed, lowest] = [0, 0, 0, 0];

  /** Returns the next unvisited state that `state` leads to; undefined when all its rows have been followed. */
  const descend = (state: number): number | undefined => {
    const end = firstRow[state + 1]!;
    for (let at = nextRow[state]!; at < end; at += 1) {
      // A low of 0 cannot get lower once all states are visited, so the remaining rows are skipped. In a table where
      // every state leads to every other one, that is half of the rows.
      if (seen === stateCount && low[state] === lowest) break;
      const target = targets[at]!;
      if (target === NOWHERE || (rows === 'free' && isFree[at] === 0)) continue;
      if (seenAs[target] === UNSEEN) {
        nextRow[state] = at; // the row is visited again on the way back, to take over the `low` of its target
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

/**
 * Returns the groups of two or more states that lead to one another along rows without wait and max, in table order.
 */
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

/**
 * Marks states that reach `finish`, with one visit of each state, the last one first. Most states lead to later
 * ones, so this pass finds most of them; 0 stays on those it does not find.
 */
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

/** Returns for each state whether it reaches `finish` along rows of the table. */
export function reachesFinish(graph: TableGraph): Uint8Array {
  const seen = seenToReachFinish(graph);
  return seen.includes(0) ? reachesFinishByGroups(graph) : seen;
}

function reachesFinishByGroups(graph: TableGraph): Uint8Array {
  const { firstRow, targets, stateCount, finish } = graph;
  const { of, order } = componentsOf(graph, 'all');
  const isAlive = new Uint8Array(stateCount); // by group
  isAlive[of[finish]!] = 1;
  // A group has a smaller number than the groups that lead to it, so one pass in order is enough.
  for (const state of order) {
    const group = of[state]!;
    for (let at = firstRow[state]!; at < firstRow[state + 1]! && isAlive[group] === 0; at += 1) {
      const target = targets[at]!;
      if (target !== NOWHERE && isAlive[of[target]!] === 1) isAlive[group] = 1;
    }
  }
  return new Uint8Array(of.map((group) => isAlive[group]!));
}
