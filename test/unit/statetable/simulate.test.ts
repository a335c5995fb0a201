import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { transcriptOf } from '../../../controlplane/statetable/recording.ts';
import { seededRandom } from '../../../controlplane/statetable/seeded-random.ts';
import { simulateMany } from '../../../controlplane/statetable/simulate-many.ts';
import { simulateRandomly } from '../../../controlplane/statetable/simulate-random.ts';
import { scriptedMethods, simulate, type Simulation } from '../../../controlplane/statetable/simulate.ts';
import { parseSimulationScript, printSimulationScript } from '../../../controlplane/statetable/simulation-script.ts';
import { anyTable } from './any-table.ts';

const POLL =
  'a:m [user] {\n wait a wait=60 exec=false\n done b\n * a wait=1 max=2\n ! failure\n}\nb {\n * finish\n}\nfailure {\n * finish\n ! finish\n}\n';

function scripted(table: string, script: string, maxSteps = 100): Simulation {
  return simulate(parseStateTable(table), scriptedMethods(parseSimulationScript(script)), { maxSteps });
}

describe('simulate', () => {
  it('walks a script in virtual time and adds up whose time it was', () => {
    const { outcome, seconds, secondsByTimer, recording, exit } = scripted(POLL, "a { 'wait' 'wait' 'done' } b { '' }");
    expect({ outcome, seconds, secondsByTimer, exit }).toEqual({
      outcome: 'finished',
      seconds: 120,
      secondsByTimer: { user: 120, system: 0 },
      exit: { status: 'COMPLETED', message: '' },
    });
    expect(transcriptOf(recording)).toBe("a => 'wait' => [a]\na => 'wait' => [a]\na => 'done' => b\nb => '' => finish");
    expect(recording.map((step) => step.atSeconds)).toEqual([0, 0, 60, 120, 120]);
  });

  it('repeats the last answer', () => {
    expect(scripted(POLL, "a { 'wait' }", 11)).toMatchObject({ outcome: 'step-limit', seconds: 600 });
  });

  it('stops at a state the script does not know', () => {
    expect(scripted(POLL, "a { 'done' }")).toMatchObject({ outcome: 'no-answer', state: 'b' });
  });

  it('stops when more virtual time has passed than it may', () => {
    const table = parseStateTable(POLL);
    const methods = scriptedMethods(parseSimulationScript("a { 'wait' }"));
    expect(simulate(table, methods, { maxSteps: 1000, maxSeconds: 3600 })).toMatchObject({ outcome: 'time-limit' });
  });

  it('runs again as it was recorded, from the script that a recording prints', () => {
    fc.assert(
      fc.property(anyTable(), fc.integer(), (table, seed) => {
        const first = simulateRandomly(table, { seed, maxSteps: 30, errorRatio: 0, terminateRatio: 0 });
        const script = printSimulationScript(first.recording);
        if (script === '') return;
        const limits = { maxSteps: first.recording.length };
        const again = simulate(table, scriptedMethods(parseSimulationScript(script)), limits);
        expect(transcriptOf(again.recording)).toBe(transcriptOf(first.recording));
      }),
    );
  });
});

describe('parseSimulationScript', () => {
  it('reads names and values in either kind of quotes, a # between them included', () => {
    const script = parseSimulationScript(`über-1 { 'x#y', "don't" } # { 'no' }\n'step.two'{ '' }`);
    expect([...script]).toEqual([
      ['über-1', ['x#y', "don't"]],
      ['step.two', ['']],
    ]);
  });

  it('throws TABLE_SYNTAX where there is no whole block', () => {
    for (const text of ['', 'hello', "a { 'x'", '# a { }']) {
      expect(() => parseSimulationScript(text)).toThrowError(expect.objectContaining({ code: 'TABLE_SYNTAX' }));
    }
  });
});

describe('simulateMany', () => {
  it('shows how runs end, how long they take and which rows they take', () => {
    const report = simulateMany(parseStateTable(POLL), { seed: 7, runs: 2000, maxSteps: 500 });
    expect(Object.values(report.ends).reduce((sum, count) => sum + count)).toBe(2000);
    expect(Object.keys(report.ends).toSorted()).toEqual(['COMPLETED', 'ERROR_SYSTEM', 'TERMINATED']);
    expect(report.rowsNeverTaken).toEqual([]);
    expect(report.statesNeverVisited).toEqual([]);
    expect(report.seconds.min).toBe(0);
    expect(report.seconds.max).toBeGreaterThan(report.seconds.median);
  });

  it('takes the `!` row at the end of a long way, of a state that only the next one can fail', () => {
    const names = Array.from({ length: 12 }, (_, n) => `s${n}`);
    const steps = names.map((name, n) => `${name}:m {\n on ${names[n + 1] ?? 'last'}\n off finish\n out finish\n}\n`);
    const table = parseStateTable(
      `${steps.join('')}last {\n * finish\n ! rare\n}\nrare {\n * finish\n ! failure\n}\nfailure {\n * finish\n ! finish\n}\nterminate {\n * finish\n}\n`,
    );
    expect(simulateMany(table, { seed: 7, runs: 300, maxSteps: 100 }).rowsNeverTaken).toEqual([]);
  });

  it('shows where runs never end', () => {
    const { ends } = simulateMany(parseStateTable('a {\n * a wait=1\n}\n'), {
      seed: 1,
      runs: 3,
      maxSteps: 50,
      errorRatio: 0,
      terminateRatio: 0,
    });
    expect(ends).toEqual({ 'step-limit in a': 3 });
  });

  it('gives the same report for the same seed', () => {
    const table = parseStateTable(POLL);
    const options = { seed: 42, runs: 50, maxSteps: 100 };
    expect(simulateMany(table, options)).toEqual(simulateMany(table, options));
    expect(simulateMany(table, { ...options, seed: 43 })).not.toEqual(simulateMany(table, options));
  });
});

describe('seededRandom', () => {
  it('stays from 0 to below 1 and spreads over it', () => {
    const random = seededRandom(1);
    const numbers = Array.from({ length: 10_000 }, () => random());
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    const mean = numbers.reduce((sum, number) => sum + number) / numbers.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });

  it('goes on by the first row of the states that lean, as often as they lean', () => {
    const table = parseStateTable(
      POLL.replace(' wait a wait=60 exec=false\n done b\n', ' done b\n wait a wait=60 exec=false\n'),
    );
    const doneAtOnce = (leanings?: ReadonlyMap<string, number>): number =>
      Array.from({ length: 200 }, (_, seed) =>
        simulateRandomly(table, { seed, maxSteps: 100, terminateRatio: 0, ...(leanings && { leanings }) }),
      ).filter(({ recording }) => recording.find(({ from }) => from === 'a')?.value === 'done').length;
    expect(doneAtOnce(new Map([['a', 1]]))).toBe(200);
    expect(doneAtOnce(new Map([['a', 0.9]]))).toBeGreaterThan(doneAtOnce());
    // A state without a leaning asks chance as if there were none: seeds keep their runs.
    expect(doneAtOnce(new Map([['other', 1]]))).toBe(doneAtOnce());
  });
});
