import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFinding } from '../../../controlplane/statetable/lint-finding.ts';
import type { TaskMethods } from '../../../controlplane/statetable/lint-methods.ts';
import { lintTable, type LintOptions } from '../../../controlplane/statetable/lint-table.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { findBlock, FINISH, type StateTable } from '../../../controlplane/statetable/table.ts';
import { anyTable } from './any-table.ts';

const TAIL = 'failure {\n * finish\n ! finish\n}\nterminate {\n * finish\n ! finish\n}\n';

/** Returns `severity rule state value` of every finding that is not a note. */
function found(text: string, options: LintOptions = {}): string[] {
  return lintTable(parseStateTable(text + TAIL), options)
    .findings.filter((finding) => finding.severity !== 'note')
    .map(({ severity, rule, state, value }) => `${severity} ${rule} ${state}${value === null ? '' : ` ${value}`}`);
}

function methods(values: Readonly<Record<string, readonly string[] | null>>, reserved: string[] = []): TaskMethods {
  const base = { start: [], finish: [], failure: [], terminate: [], emptyTransition: [] };
  return { methods: new Map(Object.entries({ ...base, ...values })), reserved: new Set(reserved) };
}

describe('lintTable', () => {
  it('finds nothing wrong with a clean table', () => {
    expect(found('a:m {\n ok finish\n wait a wait=5 max=3\n}\n')).toEqual([]);
  });

  it('finds targets without a block, dead ends and states that nothing leads to', () => {
    expect(found('a {\n * ghost\n}\nisland {\n * finish\n}\n')).toEqual([
      'error missing-block a *',
      'error no-path-to-finish a',
      'warning unreachable island',
    ]);
  });

  it('finds rows that come back without a wait, and longer ways round without wait and max', () => {
    const text =
      'a:m {\n x b\n z finish\n}\nb:m {\n y c\n again b max=3\n}\nc {\n * a\n}\nd:m {\n x e max=1\n}\ne:m {\n x d\n y finish\n}\n';
    const report = lintTable(parseStateTable(text + TAIL));
    const spins = report.findings.filter(({ rule }) => rule === 'spin' || rule === 'spin-cycle');
    expect(spins.map(formatFinding)).toEqual([
      'line 7: error: The row "again" of "b" comes back to it without a wait. Give the row a `wait`, and a `max` if it is a retry. [spin]',
      'line 1: warning: "a", "b", "c" lead to one another without wait or max. Give one of the rows of the ring a `wait` or a `max`. [spin-cycle]',
    ]);
  });

  it('holds a table against its class', () => {
    const task = methods({ a: null, m: ['ok', 'late', '!'], log: null }, ['log']);
    const text = 'a:m {\n ok log\n odd finish\n}\nlog:n {\n * finish\n}\n';
    expect(found(text, { task })).toEqual([
      'error missing-transition-method log n',
      'error name-collision log',
      'error uncovered-value a late',
      'error uncovered-value a !',
      'error unknown-value a odd',
    ]);
  });

  it('warns of a method that has nearly the name of a hook, and that no state names', () => {
    const names = ['a', 'onFinished', 'onSignals', 'finish', 'failure', 'terminate'];
    const nearHooks = new Map([
      ['onFinished', 'onFinish'],
      ['onSignals', 'onSignal'],
    ]);
    const task = { ...methods(Object.fromEntries(names.map((name) => [name, null]))), nearHooks };
    const { findings } = lintTable(parseStateTable(`a:onSignals {\n * finish\n}\n${TAIL}`), { task });
    expect(findings.filter(({ rule }) => rule === 'misspelt-hook').map(formatFinding)).toEqual([
      'line 1: warning: The method "onFinished" is no hook; perhaps "onFinish" is meant. Correct its name, or give a method that you call yourself another one. [misspelt-hook]',
    ]);
  });

  it('says that a * row hides a declared answer, but never !', () => {
    const task = methods({ a: null, m: ['ok', 'late', '!'] });
    const { findings } = lintTable(parseStateTable(`a:m {\n ok finish\n * finish\n}\n${TAIL}`), { task });
    const answers = findings.filter(({ rule }) => rule === 'covered-by-star' || rule === 'uncovered-value');
    expect(answers.map(({ rule, value }) => `${rule} ${value}`)).toEqual(['covered-by-star late', 'uncovered-value !']);
  });

  it('warns of rows that emptyTransition never takes, even without a class', () => {
    expect(found('a {\n x finish\n * finish\n}\n')).toEqual(['warning unknown-value a x']);
  });

  it('finds a state that has neither a transition method nor a * row', () => {
    expect(found('a {\n ! finish\n}\n')).toEqual(['warning missing-star a']);
    const task = methods({ a: null, b: null, m: ['ok'] });
    expect(found('b:m {\n ok a\n}\na {\n ! finish\n}\n', { task })).toEqual(['error missing-star a']);
  });

  it('adds up how long a state can be held and compares it with the time a task may run', () => {
    const text = `a:m {\n x a wait=30 max=4\n y a wait=60 max=2\n * b\n}\nb:m {\n x b wait=5 exec=false\n * finish\n}\n${TAIL}`;
    const report = lintTable(parseStateTable(text), { maxRunSeconds: 200 });
    expect(report.budgets).toEqual([
      { state: 'a', seconds: 240 },
      { state: 'b', seconds: null },
    ]);
    const waits = report.findings.filter(({ rule }) => rule === 'long-wait' || rule === 'unlimited-wait');
    expect(waits.map(({ rule, state }) => `${rule} ${state}`)).toEqual(['long-wait a', 'unlimited-wait b']);
  });

  it('finds a row to another state that waits longer than the task may run', () => {
    const table = parseStateTable(`a {\n * b wait=500\n}\nb {\n * finish wait=100\n}\n${TAIL}`);
    const { findings } = lintTable(table, { maxRunSeconds: 200 });
    expect(
      findings.filter(({ rule }) => rule === 'long-wait').map(({ line, message }) => `${line} ${message}`),
    ).toEqual(['2 The row "*" of "a" waits 500 s, but the task may run only 200 s']);
  });

  it('tells of rows that it cannot check, because the class does not say what the method answers', () => {
    const table = parseStateTable(`a:m {\n ok finish\n}\n${TAIL}`);
    const { findings } = lintTable(table, { task: methods({ a: null, m: null }) });
    expect(findings.filter(({ rule }) => rule === 'undeclared').map(({ message }) => message)).toEqual([
      'm declares no answers, so the rows of "a" are not checked',
    ]);
  });

  it('warns of such rows where the class declares other answers, as one does that forgets those of its parents', () => {
    const table = parseStateTable(`a:m {\n ok b\n}\nb:n {\n ok finish\n}\n${TAIL}`);
    const { findings } = lintTable(table, { task: methods({ a: null, b: null, m: null, n: ['ok'] }) });
    expect(findings).toContainEqual(expect.objectContaining({ rule: 'undeclared', severity: 'warning', state: 'a' }));
  });

  it('warns of a failure block whose errors would end the task', () => {
    const { findings } = lintTable(parseStateTable('a {\n * finish\n}\nfailure {\n * finish\n}\n'));
    expect(findings).toContainEqual(
      expect.objectContaining({ rule: 'no-error-row', state: 'failure', severity: 'warning' }),
    );
  });

  it('finds the way on which a container is left behind', () => {
    const container = { start: 'launch', stop: 'stop', mustHandle: ['terminated'] };
    const rest = 'stop {\n * finish\n ! finish\n}\nfailure {\n * stop\n ! stop\n}\nterminate {\n * stop\n ! stop\n}\n';
    const rules = (text: string): string[] =>
      lintTable(parseStateTable(text + rest), { container, task: methods({ m: ['ok', 'terminated'] }) })
        .findings.filter(({ rule }) => rule === 'container-left-behind' || rule === 'unhandled-answer')
        .map(({ message }) => message);
    expect(rules('launch {\n * work\n}\nwork:m {\n terminated failure\n * stop\n}\n')).toEqual([]);
    expect(rules('launch {\n * work\n}\nwork:m {\n * finish\n ! stop\n}\n')).toEqual([
      'The container is left behind: "launch" → "work" → "finish" does not pass "stop"',
      '"work" talks to the container, but has no row of its own for "terminated"',
    ]);
  });

  it('takes the row by which a container is left behind for the place of the fault', () => {
    const container = { start: 'launch', stop: 'stop', mustHandle: [] };
    const text =
      'launch {\n * stop\n}\nstop {\n * finish\n ! finish\n}\nfailure {\n * stop\n ! finish\n}\nterminate {\n * stop\n ! stop\n}\n';
    const { findings } = lintTable(parseStateTable(text), { container });
    expect(findings.filter(({ rule }) => rule === 'container-left-behind').map(({ line }) => line)).toEqual([10]);
  });

  it('judges a table without a state', () => {
    expect(lintTable(parseStateTable('# nothing\n')).findings.map(({ rule }) => rule)).toEqual([
      'no-state',
      'missing-failure',
      'missing-terminate',
    ]);
  });

  it('takes time linear in the rows: 20,000 states in a ladder with two ways on at each', () => {
    const rungs = Array.from(
      { length: 20_000 },
      (_, n) => `s${n}:m {\n x s${n + 1}\n y s${n + 1}\n back s${Math.max(0, n - 1)} wait=1\n}\n`,
    );
    const { findings } = lintTable(parseStateTable(`${rungs.join('')}s20000 {\n * finish\n}\n${TAIL}`));
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('looks at each row of 2,000 states that all lead to one another a few times, not thousands', () => {
    const [count, place] = [2000, { line: 1, column: 1 }];
    const plain = { waitSeconds: 0, max: 0, exec: true, ...place };
    // All states share their rows. Four million rows would measure the memory and not the linter.
    const rows = Array.from({ length: count }, (_, n) => ({ value: `v${n}`, target: `s${n}`, ...plain }));
    const transitions = [...rows, { value: 'done', target: FINISH, ...plain }];
    const states = rows.map(({ target: name }) => ({
      name,
      transitionMethod: 'm',
      timer: 'user',
      transitions,
      ...place,
    }));
    const { findings } = lintTable({ startState: 's0', states, variables: {} });
    expect(findings.filter(({ rule }) => rule === 'spin')).toHaveLength(count);
    const ring = findings.find(({ rule }) => rule === 'spin-cycle');
    expect(ring?.message).toContain('and 1988 more lead to one another');
  });

  it('agrees with a plain search about which states lead to one another without wait and max', () => {
    fc.assert(
      fc.property(anyTable(), (table) => {
        const cycles = lintTable(table).findings.filter(({ rule }) => rule === 'spin-cycle');
        const inCycles = new Set(cycles.flatMap(({ message }) => message.match(/(?<=")[^"]+(?=")/g) ?? []));
        for (const { name } of table.states) expect(inCycles.has(name), name).toBe(isInRingByPlainSearch(table, name));
      }),
    );
  });

  it('agrees with a plain search about who reaches finish', () => {
    fc.assert(
      fc.property(anyTable(), (table) => {
        const dead = lintTable(table).findings.filter(({ rule }) => rule === 'no-path-to-finish');
        expect(new Set(dead.map(({ state }) => state))).toEqual(new Set(deadByPlainSearch(table)));
      }),
    );
  });
});

/** Returns whether the state lies on a ring of rows without waits and limits that has more than this state. */
function isInRingByPlainSearch(table: StateTable, name: string): boolean {
  const next = (from: string): string[] =>
    (table.states.find((block) => block.name === from)?.transitions ?? [])
      .filter((row) => row.waitSeconds === 0 && row.max === 0 && row.target !== FINISH)
      .map((row) => row.target);
  const others = next(name).filter((target) => target !== name && findBlock(table, target));
  const reached = new Set(others);
  for (const state of reached) for (const target of next(state)) reached.add(target);
  return reached.has(name);
}

function deadByPlainSearch(table: StateTable): string[] {
  const alive = new Set([FINISH]);
  for (let size = 0; size < alive.size;) {
    size = alive.size;
    for (const { name, transitions } of table.states) {
      if (transitions.some((row) => alive.has(row.target))) alive.add(name);
    }
  }
  return table.states.map(({ name }) => name).filter((name) => !alive.has(name));
}
