import { parseStateTable } from '../../statetable/parse-table.ts';
import { EMPTY_TRANSITION, ERROR_VALUE, FINISH, type StateTable } from '../../statetable/table.ts';
import {
  CONTAINER_START_STATE,
  CONTAINER_STOP_STATE,
  containerStartTable,
} from '../container/container-state-tables.ts';

/** The part of a task's life that a state belongs to: getting its container, its work, giving everything back. */
export type StateBlockName = 'start' | 'work' | 'stop';

/** The states of the shipped start block, whatever table it is stitched into. */
const START_STATES: ReadonlySet<string> = new Set(
  parseStateTable(containerStartTable({ success: FINISH, failure: FINISH, terminated: FINISH })).states.map(
    ({ name }) => name,
  ),
);

/**
 * Decides the part of each state. A table without the start block has no start. Everything that the stop block leads to
 * is stop, and so is a state that does one thing and then goes there.
 */
export function decideStateBlocks(table: StateTable): ReadonlyMap<string, StateBlockName> {
  const blocks = new Map<string, StateBlockName>();
  const hasStart = table.states.some(({ name }) => name === CONTAINER_START_STATE);
  const stop = reachable(table, CONTAINER_STOP_STATE);
  for (const { name } of table.states) {
    const isStart = START_STATES.has(name) || (hasStart && name === table.startState);
    blocks.set(name, isStart ? 'start' : stop.has(name) ? 'stop' : 'work');
  }
  for (let before = -1; before !== stop.size;) {
    before = stop.size;
    for (const { name, transitionMethod, transitions } of table.states) {
      const isPlain = transitionMethod === EMPTY_TRANSITION && blocks.get(name) === 'work';
      const ways = transitions.filter(({ value }) => value !== ERROR_VALUE);
      if (!isPlain || !hasStart || !ways.every(({ target }) => target === FINISH || stop.has(target))) continue;
      stop.add(name);
      blocks.set(name, 'stop');
    }
  }
  return blocks;
}

function reachable(table: StateTable, from: string): Set<string> {
  const found = new Set<string>();
  const open = table.states.some(({ name }) => name === from) ? [from] : [];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const block = table.states.find((one) => one.name === name);
    // A way back to the start is a way to new work and no part of the end.
    for (const { target } of block?.transitions ?? []) if (!START_STATES.has(target)) open.push(target);
  }
  found.delete(FINISH);
  return found;
}
