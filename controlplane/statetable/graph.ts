import { FINISH, type StateTable, type Transition } from './table.ts';

/** Who follows whom: state → states. */
export type Graph = ReadonlyMap<string, readonly string[]>;

export interface Edge {
  readonly from: string;
  readonly row: Transition;
}

export function edgesOf(table: StateTable): Edge[] {
  return table.states.flatMap((block) => block.transitions.map((row) => ({ from: block.name, row })));
}

export function graphOf(edges: readonly Edge[], direction: 'forward' | 'backward' = 'forward'): Graph {
  const graph = new Map<string, string[]>();
  for (const { from, row } of edges) {
    const [tail, head] = direction === 'forward' ? [from, row.target] : [row.target, from];
    const next = graph.get(tail);
    if (next) next.push(head);
    else graph.set(tail, [head]);
  }
  return graph;
}

/** All states that can be reached from `starts`, these included. Each edge is looked at once. */
export function reachableFrom(graph: Graph, starts: readonly string[]): Set<string> {
  const reached = new Set(starts);
  for (const state of reached) {
    // A Set that grows while it is walked through gives what is added, too: this is the whole search.
    for (const next of graph.get(state) ?? []) reached.add(next);
  }
  return reached;
}

/** The states of a depth-first walk in the order in which it is done with them; without recursion, for long tables. */
function finishOrder(graph: Graph, states: Iterable<string>): string[] {
  const seen = new Set<string>();
  const order: string[] = [];
  for (const start of states) {
    if (seen.has(start)) continue;
    seen.add(start);
    const path = [{ state: start, next: (graph.get(start) ?? []).values() }];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const step = top.next.next();
      if (step.done) {
        order.push(top.state);
        path.pop();
      } else if (!seen.has(step.value)) {
        seen.add(step.value);
        path.push({ state: step.value, next: (graph.get(step.value) ?? []).values() });
      }
    }
  }
  return order;
}

/** Groups of two and more states that all lead to one another (Kosaraju's algorithm: linear). */
export function cyclesOf(edges: readonly Edge[]): string[][] {
  const backward = graphOf(edges, 'backward');
  const forward = graphOf(edges);
  const grouped = new Set<string>();
  const cycles: string[][] = [];
  for (const state of finishOrder(forward, forward.keys()).toReversed()) {
    if (grouped.has(state)) continue;
    const group = new Set([state]);
    for (const member of group) {
      grouped.add(member);
      for (const before of backward.get(member) ?? []) if (!grouped.has(before)) group.add(before);
    }
    if (group.size > 1) cycles.push([...group]);
  }
  return cycles;
}

/** The states that reach `finish` along rows of the table. */
export function statesWithPathToFinish(edges: readonly Edge[]): Set<string> {
  return reachableFrom(graphOf(edges, 'backward'), [FINISH]);
}
