import type { Finding } from './lint-finding.ts';
import { atBlock, atRow } from './lint-paths.ts';
import { FAILURE, findRow, TERMINATE, type StateBlock, type StateTable } from './table.ts';
import { NOWHERE, type TableGraph } from './table-graph.ts';

/** What the linter must know of a table that starts a container and has to stop it. */
export interface ContainerLint {
  /** The state that starts the container. */
  readonly start: string;
  /** The state that every path must pass before `finish`. */
  readonly stop: string;
  /** Answers that need their own row in every state whose transition method can give them; `*` is not enough. */
  readonly mustHandle: readonly string[];
}

/** Returns the states a task can be in while its container may run, each with the state it came from, or null. */
function statesWithContainer(graph: TableGraph, { start, stop }: ContainerLint): Map<number, number | null> {
  const { table, indexOf, firstRow, targets } = graph;
  const failure = indexOf.get(FAILURE);
  const predecessors = new Map<number, number | null>();
  for (const name of [start, FAILURE, TERMINATE]) {
    const state = indexOf.get(name);
    if (state !== undefined && name !== stop) predecessors.set(state, null);
  }
  // Iterating a Map visits entries that are added meanwhile, so this loop is the whole breadth-first search.
  for (const [state] of predecessors) {
    const block = table.states[state];
    if (state === graph.finish || !block || block.name === stop) continue;
    const next = [...targets.subarray(firstRow[state]!, firstRow[state + 1]!)];
    if (graph.hasErrorRow[state] === 0 && failure !== undefined) next.push(failure);
    for (const target of next) if (target !== NOWHERE && !predecessors.has(target)) predecessors.set(target, state);
  }
  return predecessors;
}

function pathTo(
  state: number,
  predecessors: ReadonlyMap<number, number | null>,
  blocks: readonly StateBlock[],
): string {
  const names: string[] = [];
  for (let at: number | null | undefined = state; at !== null && at !== undefined; at = predecessors.get(at)) {
    names.unshift(`"${blocks[at]!.name}"`);
  }
  return names.join(' → ');
}

/** Finds the rows that end the task before the container is stopped, with a shortest path to each. */
function leftBehind(graph: TableGraph, container: ContainerLint): Finding[] {
  const predecessors = statesWithContainer(graph, container);
  const blocks = graph.table.states;
  return [...predecessors.keys()].flatMap((state) => {
    const block = blocks[state];
    if (!block || state === graph.finish || block.name === container.stop) return [];
    const first = graph.firstRow[state]!;
    return block.transitions
      .filter((_row, index) => graph.targets[first + index] === graph.finish)
      .map((row): Finding => {
        const path = `${pathTo(state, predecessors, blocks)} → "finish" does not pass "${container.stop}"`;
        const message = `The container is left behind: ${path}`;
        return { rule: 'container-left-behind', severity: 'error', ...atRow(block, row), message };
      });
  });
}

function unhandledAnswers(
  table: StateTable,
  { mustHandle }: ContainerLint,
  methods: ReadonlyMap<string, readonly string[] | null>,
): Finding[] {
  return table.states.flatMap((block) => {
    const answers = new Set(methods.get(block.transitionMethod) ?? []);
    return mustHandle
      .filter((value) => answers.has(value) && !findRow(block, value))
      .map((value): Finding => {
        const message = `"${block.name}" talks to the container, but has no row of its own for "${value}"`;
        return { rule: 'unhandled-answer', severity: 'error', ...atBlock(block, value), message };
      });
  });
}

/**
 * Checks that every path stops the container, and that a row of its own handles the answer that the container is gone.
 */
export function lintContainer(
  graph: TableGraph,
  container: ContainerLint,
  methods: ReadonlyMap<string, readonly string[] | null> | null,
): Finding[] {
  return [...leftBehind(graph, container), ...unhandledAnswers(graph.table, container, methods ?? new Map())];
}
