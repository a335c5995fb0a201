import type { Finding } from './lint-finding.ts';
import { atBlock, atRow } from './lint-paths.ts';
import type { StateBlock } from './table.ts';
import { rowAt, type TableGraph } from './table-graph.ts';

/** How long the rows that lead a state back to itself can hold it. */
export interface WaitingBudget {
  readonly state: string;
  /** Null is without a limit. */
  readonly seconds: number | null;
}

/** The budgets of all states that wait: `wait × max` of their rows, added up, for each may be used to its end. */
function budgetsByBlock(graph: TableGraph): Map<StateBlock, number | null> {
  const budgets = new Map<StateBlock, number | null>();
  for (const place of graph.rowsToThemselves) {
    const { block, row } = rowAt(graph, place);
    if (row.waitSeconds === 0) continue;
    const before = budgets.get(block) ?? (budgets.has(block) ? null : 0);
    budgets.set(block, before === null || row.max === 0 ? null : before + row.waitSeconds * row.max);
  }
  return budgets;
}

export function waitingBudgets(graph: TableGraph): WaitingBudget[] {
  return [...budgetsByBlock(graph)].map(([block, seconds]) => ({ state: block.name, seconds }));
}

/** Rows to another state whose one wait is longer than the task may run. */
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

/** Holds each budget against the longest time a task of this table may run. */
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
