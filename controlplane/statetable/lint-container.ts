import type { Finding } from './lint-finding.ts';
import { atBlock, atRow } from './lint-paths.ts';
import { FAILURE, findRow, TERMINATE, type StateBlock, type StateTable } from './table.ts';
import { NOWHERE, type TableGraph } from './table-graph.ts';

/** A table that starts a container and has to stop it again. */
export interface ContainerLint {
  /** The state that starts the container. */
  readonly start: string;
  /** The state every path must pass before `finish`. */
  readonly stop: string;
  /** Answers that need a row of their own wherever a transition method can give them; `*` is not enough. */
  readonly mustHandle: readonly string[];
}

/** Where a task can be while its container may run, and from where it came there: state → the state before, or null. */
function placesWithContainer(graph: TableGraph, { start, stop }: ContainerLint): Map<number, number | null> {
  const { table, indexOf, firstRow, targets } = graph;
  const failure = indexOf.get(FAILURE);
  const places = new Map<number, number | null>();
  for (const name of [start, FAILURE, TERMINATE]) {
    const state = indexOf.get(name);
    if (state !== undefined && name !== stop) places.set(state, null);
  }
  // A Map that grows while it is walked through gives what is added, too: this is the whole search.
  for (const [state] of places) {
    const block = table.states[state];
    if (state === graph.finish || !block || block.name === stop) continue;
    const next = [...targets.subarray(firstRow[state]!, firstRow[state + 1]!)];
    if (graph.hasErrorRow[state] === 0 && failure !== undefined) next.push(failure);
    for (const target of next) if (target !== NOWHERE && !places.has(target)) places.set(target, state);
  }
  return places;
}

function wayTo(state: number, places: ReadonlyMap<number, number | null>, blocks: readonly StateBlock[]): string {
  const names: string[] = [];
  for (let at: number | null | undefined = state; at !== null && at !== undefined; at = places.get(at)) {
    names.unshift(`"${blocks[at]!.name}"`);
  }
  return names.join(' → ');
}

/** The rows that end the task before the container is stopped, with a shortest way to each. */
function leftBehind(graph: TableGraph, container: ContainerLint): Finding[] {
  const places = placesWithContainer(graph, container);
  const blocks = graph.table.states;
  return [...places.keys()].flatMap((state) => {
    const block = blocks[state];
    if (!block || state === graph.finish || block.name === container.stop) return [];
    const first = graph.firstRow[state]!;
    return block.transitions
      .filter((_row, index) => graph.targets[first + index] === graph.finish)
      .map((row): Finding => {
        const way = `${wayTo(state, places, blocks)} → "finish" does not pass "${container.stop}"`;
        const message = `The container is left behind: ${way}`;
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

/** Whatever happens, the container is stopped; and that it is gone is never mistaken for something else. */
export function lintContainer(
  graph: TableGraph,
  container: ContainerLint,
  methods: ReadonlyMap<string, readonly string[] | null> | null,
): Finding[] {
  return [...leftBehind(graph, container), ...unhandledAnswers(graph.table, container, methods ?? new Map())];
}
