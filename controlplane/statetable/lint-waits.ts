import type { Finding } from './lint-finding.ts';
import { atBlock, atRow } from './lint-paths.ts';
import type { StateBlock } from './table.ts';
import { rowAt, type TableGraph } from './table-graph.ts';

/** The longest time that a state's rows back to itself can hold a task in it. */
export interface WaitingBudget {
  readonly state: string;
  /** In seconds; null means no limit. */
  readonly seconds: number | null;
}

/**
 * Returns the budgets of all states that wait: the sum of `wait × max` over their rows, since each row can be used up.
 */
function budgetsByBlock(graph: TableGraph): Map<StateBlock, number | null> {
  const budgets = new Map<StateBlock, number | null>();
  for (const position of graph.rowsToThemselves) {
    const { block, row } = rowAt(graph, position);
    if (row.waitSeconds === 0) continue;
    const before = budgets.get(block) ?? (budgets.has(block) ? null : 0);
    budgets.set(block, before === null || row.max === 0 ? null : before + row.waitSeconds * row.max);
  }
  return budgets;
}

export function waitingBudgets(graph: TableGraph): WaitingBudget[] {
  return [...budgetsByBlock(graph)].map(([block, seconds]) => ({ state: block.name, seconds }));
}

/** Finds rows to another state whose single wait is longer than the task may run. */
function endlessRows({ table, longestWaitSeconds }: TableGraph, maxRunSeconds: number): Finding[] {
  if (longestWaitSeconds <= maxRunSeconds) return [];
  return table.states.flatMap((block) => {
    const rows = block.transitions.filter((row) => row.waitSeconds > maxRunSeconds && row.target !== block.name);
    return rows.map((row): Finding => {
      const message = `The row "${row.value}" of "${block.name}" waits ${row.waitSeconds} s, but the task may run only ${maxRunSeconds} s`;
      return { rule: 'long-wait', severity: 'warning', ...atRow(block, row), message };
    });
  });
}

/** Compares each budget with the longest time a task of this table may run. */
export function lintWaits(graph: TableGraph, maxRunSeconds: number | null): Finding[] {
  const tooLong = maxRunSeconds === null ? [] : endlessRows(graph, maxRunSeconds);
  const budgets = [...budgetsByBlock(graph)].flatMap(([block, seconds]): Finding[] => {
    if (seconds === null) {
      const message = `"${block.name}" can wait without a limit; only the task's maximum run time ends it`;
      return [{ rule: 'unlimited-wait', severity: 'note', ...atBlock(block), message }];
    }
    if (maxRunSeconds === null || seconds <= maxRunSeconds) return [];
    const message = `"${block.name}" can wait ${seconds} s, but the task may run only ${maxRunSeconds} s`;
    return [{ rule: 'long-wait', severity: 'warning', ...atBlock(block), message }];
  });
  return [...budgets, ...tooLong];
}
