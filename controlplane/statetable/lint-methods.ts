import type { Finding } from './lint-finding.ts';
import { atBlock, atRow } from './lint-paths.ts';
import {
  ANY_VALUE,
  EMPTY_TRANSITION,
  ERROR_VALUE,
  findRow,
  FINISH,
  type StateBlock,
  type StateTable,
} from './table.ts';

/** The class that a table is for, as far as the linter needs it. */
export interface TaskMethods {
  /** All methods, inherited ones too, with the answers a transition method declares; null where it declares none. */
  readonly methods: ReadonlyMap<string, readonly string[] | null>;
  /** Members of the class that are not states. A state with such a name would call or replace the member. */
  readonly reserved?: ReadonlySet<string>;
  /** Methods whose name is nearly that of a hook, each with the hook's name. The engine calls hooks independently of the table. */
  readonly nearHooks?: ReadonlyMap<string, string>;
}

/**
 * Returns the answers of the transition method of `block`: an empty list when the method is missing, null when it
 * declares none.
 */
function answersOf(block: StateBlock, methods: TaskMethods['methods'] | null): readonly string[] | null {
  if (block.transitionMethod === EMPTY_TRANSITION || !methods) return [];
  const answers = methods.get(block.transitionMethod);
  return answers === undefined ? [] : answers;
}

function missingMethods(table: StateTable, { methods, reserved }: TaskMethods): Finding[] {
  const findings: Finding[] = [];
  for (const block of table.states) {
    if (methods.has(block.name) || reserved?.has(block.name)) continue;
    const message = `The class has no method "${block.name}"`;
    findings.push({ rule: 'missing-state-method', severity: 'error', ...atBlock(block), message });
  }
  const reported = new Set([EMPTY_TRANSITION]);
  for (const block of table.states) {
    const method = block.transitionMethod;
    if (methods.has(method) || reported.has(method)) continue;
    reported.add(method);
    const message = `The class has no transition method "${method}"`;
    findings.push({ rule: 'missing-transition-method', severity: 'error', ...atBlock(block, method), message });
  }
  return findings;
}

function uncoveredValues(block: StateBlock, answers: readonly string[]): Finding[] {
  if (answers.length === 0) return [];
  const covered = new Set(block.transitions.map((row) => row.value));
  const star = findRow(block, ANY_VALUE);
  return answers
    .filter((value) => !covered.has(value))
    .map((value): Finding => {
      if (star && value !== ERROR_VALUE) {
        const message = `"${value}" of ${block.transitionMethod} goes the \`*\` row of "${block.name}" to "${star.target}"`;
        return { rule: 'covered-by-star', severity: 'note', ...atRow(block, star), value, message };
      }
      const message = `${block.transitionMethod} can answer "${value}", for which "${block.name}" has no row`;
      return { rule: 'uncovered-value', severity: 'error', ...atBlock(block, value), message };
    });
}

function unknownValues(block: StateBlock, answers: readonly string[], severity: 'error' | 'warning'): Finding[] {
  const known = new Set([...answers, ANY_VALUE, ERROR_VALUE]);
  return block.transitions
    .filter((row) => !known.has(row.value))
    .map((row) => {
      const message = `${block.transitionMethod} never answers "${row.value}", so this row of "${block.name}" is never taken`;
      return { rule: 'unknown-value', severity, ...atRow(block, row), message };
    });
}

/** A class that declares other answers has probably forgotten these, or those of its parents: `...super.transitions`. */
function undeclared(block: StateBlock, severity: 'warning' | 'note'): Finding {
  const message = `${block.transitionMethod} declares no answers, so the rows of "${block.name}" are not checked`;
  return { rule: 'undeclared', severity, ...atBlock(block), message };
}

/** Compares the rows of one state with the declared answers. */
function compareAnswers(
  table: StateTable,
  methods: TaskMethods['methods'] | null,
  declares: 'declares' | 'declares nothing',
): Finding[] {
  return table.states.flatMap((block) => {
    const answers = answersOf(block, methods);
    if (answers === null) return [undeclared(block, declares === 'declares' ? 'warning' : 'note')];
    const isEmpty = block.transitionMethod === EMPTY_TRANSITION;
    if (!isEmpty && !methods) return [];
    const severity = declares === 'declares' ? 'error' : 'warning';
    const unknown = severity === 'error' || isEmpty ? unknownValues(block, answers, severity) : [];
    return [...uncoveredValues(block, answers), ...unknown];
  });
}

/** Checks a state without a transition method: it answers `''`, which only `*` covers. */
function missingStars(table: StateTable, severity: 'error' | 'warning'): Finding[] {
  return table.states
    .filter((block) => block.name !== FINISH && block.transitionMethod === EMPTY_TRANSITION)
    .filter((block) => !findRow(block, ANY_VALUE))
    .map((block) => {
      const message = `"${block.name}" has no transition method and no \`*\` row, so nothing leads on`;
      return { rule: 'missing-star', severity, ...atBlock(block), message };
    });
}

function collisions(table: StateTable, reserved: ReadonlySet<string>): Finding[] {
  return table.states
    .filter((block) => reserved.has(block.name))
    .map((block) => {
      const message = `The class has a "${block.name}" already that is no state`;
      return { rule: 'name-collision', severity: 'error', ...atBlock(block), message };
    });
}

/** Finds misspelt hooks: without this check nobody would notice, because nothing fails when a hook is missing. */
function misspeltHooks({ states }: StateTable, nearHooks: ReadonlyMap<string, string>): Finding[] {
  const [first] = states;
  const named = new Set(states.flatMap(({ name, transitionMethod }) => [name, transitionMethod]));
  if (!first) return [];
  return [...nearHooks]
    .filter(([name]) => !named.has(name))
    .map(([name, hook]): Finding => {
      const message = `The method "${name}" is no hook; perhaps "${hook}" is meant`;
      return { rule: 'misspelt-hook', severity: 'warning', ...atBlock(first), message };
    });
}

/**
 * Checks a table against its class; without a class, against the answer of `emptyTransition`. A value that never comes
 * and an answer without a row are errors only if the class declares answers: a class without declarations, as older
 * classes are, would otherwise fail with every row.
 */
export function lintMethods(table: StateTable, task: TaskMethods | null): Finding[] {
  const methods = task?.methods ?? null;
  const isDeclared = table.states.some((block) => (answersOf(block, methods) ?? []).length > 0);
  return [
    ...(task
      ? [
          ...missingMethods(table, task),
          ...collisions(table, task.reserved ?? new Set()),
          ...misspeltHooks(table, task.nearHooks ?? new Map()),
        ]
      : []),
    ...missingStars(table, isDeclared ? 'error' : 'warning'),
    ...compareAnswers(table, methods, isDeclared ? 'declares' : 'declares nothing'),
  ];
}
