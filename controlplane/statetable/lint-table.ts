import { lintContainer, type ContainerLint } from './lint-container.ts';
import { remedyOf, RULES_OF_CLASSES, RULES_OF_CONTAINERS, type Finding } from './lint-finding.ts';
import { applyIgnores, type IgnoredFinding, type LintIgnore } from './lint-ignores.ts';
import { lintMethods, type TaskMethods } from './lint-methods.ts';
import { lintPaths } from './lint-paths.ts';
import { lintWaits, waitingBudgets, type WaitingBudget } from './lint-waits.ts';
import type { StateTable } from './table.ts';
import { graphOf } from './table-graph.ts';

export interface LintOptions {
  /** The class that the table is for; without it only the table itself is checked. */
  readonly task?: TaskMethods;
  readonly maxRunSeconds?: number;
  /** Set for tables that run a container. */
  readonly container?: ContainerLint;
  /** The `# lint-ignore` comments of its text (parseLintIgnores). */
  readonly ignores?: readonly LintIgnore[];
}

interface ReportedFinding extends Finding {
  /** The remedy: a sentence without its full stop. */
  readonly remedy: string;
}

export interface LintReport {
  readonly findings: readonly ReportedFinding[];
  /** The findings that `# lint-ignore` comments removed, with their reasons. */
  readonly ignored: readonly IgnoredFinding[];
  readonly budgets: readonly WaitingBudget[];
  readonly hasErrors: boolean;
}

/** Checks a table without running it, in time linear in its rows. */
export function lintTable(table: StateTable, options: LintOptions = {}): LintReport {
  const graph = graphOf(table);
  const found = [
    ...lintPaths(graph),
    ...lintMethods(table, options.task ?? null),
    ...lintWaits(graph, options.maxRunSeconds ?? null),
    ...(options.container ? lintContainer(graph, options.container, options.task?.methods ?? null) : []),
  ];
  const uncheckedRules = new Set([
    ...(options.task ? [] : RULES_OF_CLASSES),
    ...(options.container ? [] : RULES_OF_CONTAINERS),
  ]);
  const { findings, ignored } = applyIgnores(found, options.ignores ?? [], uncheckedRules);
  return {
    findings: findings.map((finding) => ({ ...finding, remedy: remedyOf(finding) })),
    ignored,
    budgets: waitingBudgets(graph),
    hasErrors: findings.some((finding) => finding.severity === 'error'),
  };
}
