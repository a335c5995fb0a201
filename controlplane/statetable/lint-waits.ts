import type { Finding } from './lint-finding.ts';
import { atBlock } from './lint-paths.ts';
import type { StateBlock, StateTable, Transition } from './table.ts';

/** How long the rows that lead a state back to itself can hold it. */
export interface WaitingBudget {
  readonly state: string;
  /** Null is without a limit. */
  readonly seconds: number | null;
}

function waitsOf(block: StateBlock): Transition[] {
  return block.transitions.filter((row) => row.target === block.name && row.waitSeconds > 0);
}

function budgetOf(block: StateBlock): WaitingBudget {
  const rows = waitsOf(block);
  const isUnlimited = rows.some((row) => row.max === 0);
  const seconds = rows.reduce((sum, row) => sum + row.waitSeconds * row.max, 0);
  return { state: block.name, seconds: isUnlimited ? null : seconds };
}

/** The budgets of all states that wait. */
export function waitingBudgets(table: StateTable): WaitingBudget[] {
  return table.states.filter((block) => waitsOf(block).length > 0).map(budgetOf);
}

/** Holds each budget against the longest time a task of this table may run. */
export function lintWaits(table: StateTable, maxRunSeconds: number | null): Finding[] {
  return table.states.flatMap((block): Finding[] => {
    if (waitsOf(block).length === 0) return [];
    const { seconds } = budgetOf(block);
    if (seconds === null) {
      const message = `"${block.name}" can wait without a limit; only the task's maximum run time ends it`;
      return [{ code: 'unlimited-wait', severity: 'note', ...atBlock(block), message }];
    }
    if (maxRunSeconds === null || seconds <= maxRunSeconds) return [];
    const message = `"${block.name}" can wait ${seconds} s, but the task may run only ${maxRunSeconds} s`;
    return [{ code: 'long-wait', severity: 'warning', ...atBlock(block), message }];
  });
}
