import { cyclesOf, edgesOf, graphOf, reachableFrom, statesWithPathToFinish } from './graph.ts';
import type { Finding } from './lint-finding.ts';
import { ERROR_VALUE, FAILURE, findBlock, findRow, FINISH, TERMINATE } from './table.ts';
import type { StateBlock, StateTable, Transition } from './table.ts';

type Place = Pick<Finding, 'state' | 'value' | 'line' | 'column'>;

export function atBlock(block: StateBlock, value: string | null = null): Place {
  return { state: block.name, value, line: block.line, column: block.column };
}

export function atRow(block: StateBlock, row: Transition): Place {
  return { state: block.name, value: row.value, line: row.line, column: row.column };
}

function missingBlocks(table: StateTable): Finding[] {
  const known = new Set([FINISH, ...table.states.map((block) => block.name)]);
  return table.states.flatMap((block) =>
    block.transitions
      .filter((row) => !known.has(row.target))
      .map((row): Finding => {
        const message = `The row "${row.value}" of "${block.name}" leads to "${row.target}", which has no block`;
        return { code: 'missing-block', severity: 'error', ...atRow(block, row), message };
      }),
  );
}

function missingSpecialBlocks(table: StateTable): Finding[] {
  const place = { value: null, line: 1, column: 1 };
  const findings: Finding[] = [];
  if (table.states.length === 0) {
    const message = 'The table has no state to start in';
    findings.push({ code: 'no-state', severity: 'error', state: null, ...place, message });
  }
  if (!findBlock(table, FAILURE)) {
    const message = 'There is no block "failure": any error without a `!` row ends the task where it stands';
    findings.push({ code: 'missing-failure', severity: 'error', state: FAILURE, ...place, message });
  }
  if (!findBlock(table, TERMINATE)) {
    const message = 'There is no block "terminate": a request to terminate goes to "failure"';
    findings.push({ code: 'missing-terminate', severity: 'error', state: TERMINATE, ...place, message });
  }
  return findings;
}

function deadEnds(table: StateTable): Finding[] {
  const alive = statesWithPathToFinish(edgesOf(table));
  return table.states
    .filter((block) => !alive.has(block.name))
    .map((block) => {
      const message = `No rows lead from "${block.name}" to "finish"`;
      return { code: 'no-path-to-finish', severity: 'error', ...atBlock(block), message };
    });
}

function unreachableStates(table: StateTable): Finding[] {
  if (table.startState === null) return [];
  const reached = reachableFrom(graphOf(edgesOf(table)), [table.startState, FAILURE, TERMINATE, FINISH]);
  return table.states
    .filter((block) => !reached.has(block.name))
    .map((block) => {
      const message = `Nothing leads to "${block.name}"`;
      return { code: 'unreachable', severity: 'warning', ...atBlock(block), message };
    });
}

function spins(table: StateTable): Finding[] {
  return table.states.flatMap((block) =>
    block.transitions
      .filter((row) => row.target === block.name && row.waitSeconds === 0)
      .map((row): Finding => {
        const message = `The row "${row.value}" of "${block.name}" comes back to it without a wait`;
        return { code: 'spin', severity: 'error', ...atRow(block, row), message };
      }),
  );
}

/** Longer ways round: rows without wait and max that lead back to where they began. */
function spinCycles(table: StateTable): Finding[] {
  const free = edgesOf(table).filter(({ row }) => row.waitSeconds === 0 && row.max === 0 && row.target !== FINISH);
  return cyclesOf(free).map((cycle): Finding => {
    const members = new Set(cycle);
    const blocks = table.states.filter((block) => members.has(block.name));
    const message = `${blocks.map((block) => `"${block.name}"`).join(', ')} lead to one another without wait or max`;
    return { code: 'spin-cycle', severity: 'warning', ...atBlock(blocks[0]!), message };
  });
}

/** An error that leaves `failure` ends the task; one that leaves another state leads to `failure`, which is often meant. */
function missingErrorRows(table: StateTable): Finding[] {
  return table.states
    .filter((block) => block.name !== FINISH && !findRow(block, ERROR_VALUE))
    .map((block) => {
      const place = { code: 'no-error-row', ...atBlock(block) } as const;
      return block.name === FAILURE
        ? { ...place, severity: 'warning', message: '"failure" has no `!` row: an error in leaving it ends the task' }
        : { ...place, severity: 'note', message: `"${block.name}" has no \`!\` row: its errors lead to "failure"` };
    });
}

/** What can be said of a table without knowing the class it is for. */
export function lintPaths(table: StateTable): Finding[] {
  const rules = [missingSpecialBlocks, missingBlocks, deadEnds, unreachableStates, spins, spinCycles, missingErrorRows];
  return rules.flatMap((rule) => rule(table));
}
