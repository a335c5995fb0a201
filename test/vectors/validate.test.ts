import type { Finding, Rule } from '../../controlplane/statetable/lint-finding.ts';
import type { TaskMethods } from '../../controlplane/statetable/lint-methods.ts';
import { lintTable } from '../../controlplane/statetable/lint-table.ts';
import { parseStateTable } from '../../controlplane/statetable/parse-table.ts';
import { StateTableError } from '../../controlplane/statetable/table-error.ts';
import {
  EMPTY_TRANSITION,
  FINISH,
  findRow,
  findBlock,
  type StateBlock,
  type StateTable,
} from '../../controlplane/statetable/table.ts';
import { checkVectors, type Comparison, type Vector, type VectorFile } from './vector-file.ts';

interface ValidateVector extends Vector {
  readonly table: string;
  readonly methods?: Readonly<Record<string, readonly string[] | null>>;
  readonly expect: { readonly outcome: string; readonly reportSections?: unknown } & Readonly<Record<string, unknown>>;
}

function methodsOf(vector: ValidateVector, file: VectorFile<ValidateVector>): TaskMethods | null {
  if (!vector.methods) return null;
  const all = { ...file.baseMethods, ...vector.methods };
  return { methods: new Map(Object.entries(all)) };
}

/** We list all findings in one array. They have a field for each kind. */
class FindingsByKind {
  private readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    this.findings = findings.filter((finding) => finding.severity !== 'warning');
  }

  list(pick: (finding: Finding) => string | null | undefined, ...rules: Rule[]): (string | null | undefined)[] {
    return [...new Set(this.findings.filter(({ rule }) => rules.includes(rule)).map(pick))];
  }

  valuesByState(rule: Rule): Record<string, (string | null)[]> {
    const found = this.findings.filter((finding) => finding.rule === rule);
    return Object.fromEntries(
      found.map(({ state }) => [state, found.filter((other) => other.state === state).map(({ value }) => value)]),
    );
  }
}

/** The values in the rows of a state. `finish` asks no transition method, so rows of its block are never used. */
function usedValues(block: StateBlock): readonly string[] {
  return block.name === FINISH ? [] : block.transitions.map((row) => row.value);
}

function documentedValues({ transitionMethod }: StateBlock, task: TaskMethods | null): readonly string[] {
  return transitionMethod === EMPTY_TRANSITION ? [] : (task?.methods.get(transitionMethod) ?? []);
}

function reportOf(table: StateTable, task: TaskMethods | null): Record<string, unknown> {
  const { findings, hasErrors } = lintTable(table, task ? { task } : {});
  const kinds = new FindingsByKind(findings.filter((finding) => finding.rule !== 'no-state'));
  return {
    outcome: 'validated',
    hasFailures: hasErrors,
    missingBlocks: kinds.list(({ state, value }) => findRow(findBlock(table, state!), value!)?.target, 'missing-block'),
    missingPaths: kinds.list(({ state }) => state, 'no-path-to-finish'),
    spinTransitions: kinds.valuesByState('spin'),
    missingStateMethods: kinds.list(
      ({ state }) => state,
      'missing-failure',
      'missing-terminate',
      'missing-state-method',
    ),
    missingTransitionMethods: kinds.list(({ value }) => value, 'missing-transition-method'),
    missingTransitionValues: kinds.valuesByState('uncovered-value'),
    unknownTransitionValues: kinds.valuesByState('unknown-value'),
    asteriskValues: kinds.valuesByState('covered-by-star'),
    usedTransitionValues: Object.fromEntries(table.states.map((block) => [block.name, usedValues(block)])),
    availableTransitionValues: Object.fromEntries(
      table.states.map((block) => [block.name, documentedValues(block, task)]),
    ),
  };
}

/** The recorded engine turns a value that looks like a number into one. */
function numbersAsText(record: unknown): unknown {
  return JSON.parse(JSON.stringify(record), (_key, value: unknown) =>
    typeof value === 'number' ? String(value) : value,
  ) as unknown;
}

function compare(vector: ValidateVector, file: VectorFile<ValidateVector>): Comparison {
  const { reportSections: _sections, ...recorded } = vector.expect;
  const expected = numbersAsText(recorded);
  try {
    return { ours: reportOf(parseStateTable(vector.table), methodsOf(vector, file)), expected };
  } catch (error) {
    if (error instanceof StateTableError) return { ours: 'refused as a table', expected };
    throw error;
  }
}

checkVectors('validate', compare);
