import { freeCyclesOf, reachesFinish } from './components.ts';
import type { Finding } from './lint-finding.ts';
import { FAILURE, findBlock, TERMINATE } from './table.ts';
import type { StateBlock, Transition } from './table.ts';
import { reachedFrom, rowAt, type TableGraph } from './table-graph.ts';

type FindingLocation = Pick<Finding, 'state' | 'value' | 'line' | 'column'>;

// Names of hundreds of states do not help a reader; this many show where to look.
const MAX_NAMES = 12;

export function atBlock(block: StateBlock, value: string | null = null): FindingLocation {
  return { state: block.name, value, line: block.line, column: block.column };
}

export function atRow(block: StateBlock, row: Transition): FindingLocation {
  return { state: block.name, value: row.value, line: row.line, column: row.column };
}

function missingBlocks(graph: TableGraph): Finding[] {
  return graph.rowsToNowhere.map((position): Finding => {
    const { block, row } = rowAt(graph, position);
    const message = `The row "${row.value}" of "${block.name}" leads to "${row.target}", which has no block`;
    return { rule: 'missing-block', severity: 'error', ...atRow(block, row), message };
  });
}

function missingSpecialBlocks({ table }: TableGraph): Finding[] {
  const location = { value: null, line: 1, column: 1 };
  const findings: Finding[] = [];
  if (table.states.length === 0) {
    const message = 'The table has no state to start in';
    findings.push({ rule: 'no-state', severity: 'error', state: null, ...location, message });
  }
  if (!findBlock(table, FAILURE)) {
    const message = 'There is no block "failure": any error without a `!` row ends the task where it stands';
    findings.push({ rule: 'missing-failure', severity: 'error', state: FAILURE, ...location, message });
  }
  if (!findBlock(table, TERMINATE)) {
    const message = 'There is no block "terminate": a request to terminate goes to "failure"';
    findings.push({ rule: 'missing-terminate', severity: 'error', state: TERMINATE, ...location, message });
  }
  return findings;
}

function deadEnds(graph: TableGraph): Finding[] {
  const isAlive = reachesFinish(graph);
  return graph.table.states
    .filter((_block, state) => isAlive[state] === 0)
    .map((block) => {
      const message = `No rows lead from "${block.name}" to "finish"`;
      return { rule: 'no-path-to-finish', severity: 'error', ...atBlock(block), message };
    });
}

function unreachableStates(graph: TableGraph): Finding[] {
  const { table, indexOf, finish } = graph;
  if (table.startState === null) return [];
  const entered = [table.startState, FAILURE, TERMINATE].flatMap((name) => indexOf.get(name) ?? []);
  const isReached = reachedFrom(graph, [...entered, finish]);
  return table.states
    .filter((_block, state) => isReached[state] === 0)
    .map((block) => {
      const message = `Nothing leads to "${block.name}"`;
      return { rule: 'unreachable', severity: 'warning', ...atBlock(block), message };
    });
}

function spins(graph: TableGraph): Finding[] {
  return graph.rowsToThemselves
    .map((position) => rowAt(graph, position))
    .filter(({ row }) => row.waitSeconds === 0)
    .map(({ block, row }): Finding => {
      const message = `The row "${row.value}" of "${block.name}" comes back to it without a wait`;
      return { rule: 'spin', severity: 'error', ...atRow(block, row), message };
    });
}

function namesOf(blocks: readonly StateBlock[]): string {
  const names = blocks.slice(0, MAX_NAMES).map((block) => `"${block.name}"`);
  return `${names.join(', ')}${blocks.length > MAX_NAMES ? ` and ${blocks.length - MAX_NAMES} more` : ''}`;
}

/** Finds rings of several states: rows without wait and max that lead back to where they began. */
function spinCycles(graph: TableGraph): Finding[] {
  return freeCyclesOf(graph).map((cycle): Finding => {
    const blocks = cycle.flatMap((state) => graph.table.states[state] ?? []);
    const message = `${namesOf(blocks)} lead to one another without wait or max`;
    return { rule: 'spin-cycle', severity: 'warning', ...atBlock(blocks[0]!), message };
  });
}

/**
 * Finds states without a `!` row. An error in leaving `failure` ends the task; in another state it leads to `failure`,
 * which is often intended.
 */
function missingErrorRows({ table, finish, hasErrorRow }: TableGraph): Finding[] {
  return table.states
    .filter((_block, state) => state !== finish && hasErrorRow[state] === 0)
    .map((block) => {
      const finding = { rule: 'no-error-row', ...atBlock(block) } as const;
      return block.name === FAILURE
        ? { ...finding, severity: 'warning', message: '"failure" has no `!` row: an error in leaving it ends the task' }
        : { ...finding, severity: 'note', message: `"${block.name}" has no \`!\` row: its errors lead to "failure"` };
    });
}

/** Runs the rules that need only the table and not its class. */
export function lintPaths(graph: TableGraph): Finding[] {
  const rules = [missingSpecialBlocks, missingBlocks, deadEnds, unreachableStates, spins, spinCycles, missingErrorRows];
  return rules.flatMap((rule) => rule(graph));
}
