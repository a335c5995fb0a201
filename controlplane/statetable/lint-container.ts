import { edgesOf, graphOf } from './graph.ts';
import type { Finding } from './lint-finding.ts';
import { atBlock } from './lint-paths.ts';
import { ERROR_VALUE, FAILURE, findBlock, findRow, FINISH, TERMINATE, type StateTable } from './table.ts';

/** A table that starts a container and has to stop it again. */
export interface ContainerLint {
  /** The state that starts the container. */
  readonly start: string;
  /** The state every path must pass before `finish`. */
  readonly stop: string;
  /** Answers that need a row of their own wherever a transition method can give them; `*` is not enough. */
  readonly mustHandle: readonly string[];
}

/** The shortest way from `from` to `finish` that does not pass `stop`; null when there is none. */
function pathAround(table: StateTable, from: string, stop: string): string[] | null {
  const rows = graphOf(edgesOf(table));
  const fallsToFailure = new Set(
    table.states.filter((block) => !findRow(block, ERROR_VALUE)).map((block) => block.name),
  );
  const cameFrom = new Map<string, string | null>([[from, null]]);
  for (const [state] of cameFrom) {
    if (state === FINISH || state === stop) continue;
    const next = [...(rows.get(state) ?? []), ...(fallsToFailure.has(state) ? [FAILURE] : [])];
    for (const target of next) if (!cameFrom.has(target)) cameFrom.set(target, state);
  }
  if (from === stop || !cameFrom.has(FINISH)) return null;
  const path: string[] = [];
  for (let at: string | null | undefined = FINISH; at; at = cameFrom.get(at)) path.unshift(at);
  return path;
}

function leftBehind(table: StateTable, { start, stop }: ContainerLint): Finding[] {
  return [start, FAILURE, TERMINATE].flatMap((from): Finding[] => {
    const block = findBlock(table, from);
    const path = block && pathAround(table, from, stop);
    if (!block || !path) return [];
    const message = `The container is left behind: ${path.map((state) => `"${state}"`).join(' → ')} does not pass "${stop}"`;
    return [{ code: 'container-left-behind', severity: 'error', ...atBlock(block), message }];
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
        return { code: 'unhandled-answer', severity: 'error', ...atBlock(block, value), message };
      });
  });
}

/** Whatever happens, the container is stopped; and that it is gone is never mistaken for something else. */
export function lintContainer(
  table: StateTable,
  container: ContainerLint,
  methods: ReadonlyMap<string, readonly string[] | null> | null,
): Finding[] {
  return [...leftBehind(table, container), ...unhandledAnswers(table, container, methods ?? new Map())];
}
