import { lintContainer, type ContainerLint } from './lint-container.ts';
import type { Finding } from './lint-finding.ts';
import { lintMethods, type TaskMethods } from './lint-methods.ts';
import { lintPaths } from './lint-paths.ts';
import { lintWaits, waitingBudgets, type WaitingBudget } from './lint-waits.ts';
import type { StateTable } from './table.ts';

export interface LintOptions {
  /** The class the table is for; without it only the table itself is looked at. */
  readonly task?: TaskMethods;
  readonly maxRunSeconds?: number;
  /** For tables that run a container. */
  readonly container?: ContainerLint;
}

export interface LintReport {
  readonly findings: readonly Finding[];
  readonly budgets: readonly WaitingBudget[];
  readonly hasErrors: boolean;
}

/** All that can be found out about a table without running it, in time linear in its rows. */
export function lintTable(table: StateTable, options: LintOptions = {}): LintReport {
  const findings = [
    ...lintPaths(table),
    ...lintMethods(table, options.task ?? null),
    ...lintWaits(table, options.maxRunSeconds ?? null),
    ...(options.container ? lintContainer(table, options.container, options.task?.methods ?? null) : []),
  ];
  return {
    findings,
    budgets: waitingBudgets(table),
    hasErrors: findings.some((finding) => finding.severity === 'error'),
  };
}
