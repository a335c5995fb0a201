import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFinding } from '../../../controlplane/statetable/lint-finding.ts';
import type { TaskMethods } from '../../../controlplane/statetable/lint-methods.ts';
import { lintTable, type LintOptions } from '../../../controlplane/statetable/lint-table.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { FINISH, type StateTable } from '../../../controlplane/statetable/table.ts';
import { anyTable } from './any-table.ts';

const TAIL = 'failure {\n * finish\n ! finish\n}\nterminate {\n * finish\n ! finish\n}\n';

/** `severity code state value` of every finding that is not a note. */
function found(text: string, options: LintOptions = {}): string[] {
  return lintTable(parseStateTable(text + TAIL), options)
    .findings.filter((finding) => finding.severity !== 'note')
    .map(({ severity, code, state, value }) => `${severity} ${code} ${state}${value === null ? '' : ` ${value}`}`);
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
    const spins = report.findings.filter(({ code }) => code === 'spin' || code === 'spin-cycle');
    expect(spins.map(formatFinding)).toEqual([
      'line 7: error: The row "again" of "b" comes back to it without a wait [spin]',
      'line 1: warning: "a", "b", "c" lead to one another without wait or max [spin-cycle]',
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

  it('says that a * row hides a declared answer, but never !', () => {
    const task = methods({ a: null, m: ['ok', 'late', '!'] });
    const { findings } = lintTable(parseStateTable(`a:m {\n ok finish\n * finish\n}\n${TAIL}`), { task });
    const answers = findings.filter(({ code }) => code === 'covered-by-star' || code === 'uncovered-value');
    expect(answers.map(({ code, value }) => `${code} ${value}`)).toEqual(['covered-by-star late', 'uncovered-value !']);
  });

  it('warns of rows that emptyTransition never takes, even without a class', () => {
    expect(found('a {\n x finish\n * finish\n}\n')).toEqual(['warning unknown-value a x']);
  });

  it('adds up how long a state can be held and compares it with the time a task may run', () => {
    const text = `a:m {\n x a wait=30 max=4\n y a wait=60 max=2\n * b\n}\nb:m {\n x b wait=5 exec=false\n * finish\n}\n${TAIL}`;
    const report = lintTable(parseStateTable(text), { maxRunSeconds: 200 });
    expect(report.budgets).toEqual([
      { state: 'a', seconds: 240 },
      { state: 'b', seconds: null },
    ]);
    const waits = report.findings.filter(({ code }) => code === 'long-wait' || code === 'unlimited-wait');
    expect(waits.map(({ code, state }) => `${code} ${state}`)).toEqual(['long-wait a', 'unlimited-wait b']);
  });

  it('warns of a failure block whose errors would end the task', () => {
    const { findings } = lintTable(parseStateTable('a {\n * finish\n}\nfailure {\n * finish\n}\n'));
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'no-error-row', state: 'failure', severity: 'warning' }),
    );
  });

  it('finds the way on which a container is left behind', () => {
    const container = { start: 'launch', stop: 'stop', mustHandle: ['terminated'] };
    const rest = 'stop {\n * finish\n ! finish\n}\nfailure {\n * stop\n ! stop\n}\nterminate {\n * stop\n ! stop\n}\n';
    const codes = (text: string): string[] =>
      lintTable(parseStateTable(text + rest), { container, task: methods({ m: ['ok', 'terminated'] }) })
        .findings.filter(({ code }) => code === 'container-left-behind' || code === 'unhandled-answer')
        .map(({ message }) => message);
    expect(codes('launch {\n * work\n}\nwork:m {\n terminated failure\n * stop\n}\n')).toEqual([]);
    expect(codes('launch {\n * work\n}\nwork:m {\n * finish\n ! stop\n}\n')).toEqual([
      'The container is left behind: "launch" → "work" → "finish" does not pass "stop"',
      '"work" talks to the container, but has no row of its own for "terminated"',
    ]);
  });

  it('judges a table without a state', () => {
    expect(lintTable(parseStateTable('# nothing\n')).findings.map(({ code }) => code)).toEqual([
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

  it('agrees with a plain search about who reaches finish', () => {
    fc.assert(
      fc.property(anyTable(), (table) => {
        const dead = lintTable(table).findings.filter(({ code }) => code === 'no-path-to-finish');
        expect(new Set(dead.map(({ state }) => state))).toEqual(new Set(deadByPlainSearch(table)));
      }),
    );
  });
});

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
