import { describe, expect, it } from 'vitest';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { simulateMany } from '../../../controlplane/statetable/simulate-many.ts';
import { shrinkRun } from '../../../controlplane/statetable/shrink-run.ts';
import { exitOfAnyTask, simulateRandomly } from '../../../controlplane/statetable/simulate-random.ts';
import { scriptedMethods, simulate, type Simulation } from '../../../controlplane/statetable/simulate.ts';

const TAIL = 'failure {\n * finish\n ! finish\n}\nterminate {\n * finish\n ! finish\n}\n';
/** Fails only after two rounds through b and a third answer of c. */
const DEEP = parseStateTable(
  `a:m {\n go b\n stop finish\n stay a wait=1\n}\nb:m {\n back a max=2\n on c\n}\nc:m {\n x c wait=1\n y lost\n}\nlost:m {\n again lost wait=9\n}\n${TAIL}`,
);
const options = { maxSteps: 500, errorRatio: 0, terminateRatio: 0 };

function isLost({ outcome, state }: Simulation): boolean {
  return outcome === 'step-limit' && state === 'lost';
}

describe('shrinkRun', () => {
  it('finds the shortest script that ends up where a random run did', () => {
    const seed = Array.from({ length: 100 }, (_, n) => n).find((n) =>
      isLost(simulateRandomly(DEEP, { ...options, seed: n })),
    );
    const run = simulateRandomly(DEEP, { ...options, seed: seed! });
    const script = shrinkRun(DEEP, run, { ...options, keepsFault: isLost, exitAfter: exitOfAnyTask })!;
    expect(Object.fromEntries(script)).toEqual({ a: ['go'], b: ['on'], c: ['y'], lost: ['again'] });
    expect(isLost(simulate(DEEP, scriptedMethods(script), options))).toBe(true);
  });

  it('finds the short way to where a run went wrong when the run took a long one', () => {
    const table = parseStateTable(
      `a:m {\n far b\n near lost\n}\nb:m {\n on c\n}\nc:m {\n on lost\n}\nlost:m {\n again lost wait=9\n}\n${TAIL}`,
    );
    const far = new Map(['a', 'b', 'c', 'lost'].map((state) => [state, [{ a: 'far', lost: 'again' }[state] ?? 'on']]));
    const run = simulate(table, scriptedMethods(far), options);
    const script = shrinkRun(table, run, { ...options, keepsFault: isLost, exitAfter: exitOfAnyTask })!;
    expect(Object.fromEntries(script)).toEqual({ a: ['near'], lost: ['again'] });
  });

  it('answers `!` for what a state threw', () => {
    const table = parseStateTable(`a {\n * b\n ! stuck\n}\nb {\n * finish\n}\nstuck {\n * stuck wait=1\n}\n${TAIL}`);
    const methods = {
      ...scriptedMethods(new Map([['a', ['']]])),
      knows: () => true,
      throws: (state: string) => state === 'b',
    };
    const run = simulate(table, methods, { maxSteps: 50 });
    const keepsFault = ({ outcome }: Simulation): boolean => outcome === 'step-limit';
    expect(shrinkRun(table, run, { maxSteps: 50, keepsFault, exitAfter: exitOfAnyTask })).toBeNull();
  });

  it('is null where no script can show it', () => {
    const run = simulateRandomly(DEEP, { ...options, terminateRatio: 1, seed: 1 });
    const keepsFault = ({ exit }: Simulation): boolean => exit.status === 'TERMINATED';
    expect(shrinkRun(DEEP, run, { ...options, keepsFault, exitAfter: exitOfAnyTask })).toBeNull();
  });
});

describe('the faults of many runs', () => {
  it('are runs that never end, with the shortest script to it', () => {
    const { faults } = simulateMany(DEEP, { seed: 1, runs: 200, maxSteps: 500 });
    expect(faults.map(({ what }) => what)).toEqual(['step-limit in lost']);
    expect(faults[0]!.script).toBe("a {\n  'go'\n}\n\nb {\n  'on'\n}\n\nc {\n  'y'\n}\n\nlost {\n  'again'\n}\n");
  });

  it('are errors of the table that nothing takes care of', () => {
    const { faults } = simulateMany(parseStateTable('a:m {\n x b\n}\nb:m {\n * ghost\n}\n'), {
      seed: 1,
      runs: 20,
      maxSteps: 50,
    });
    expect(faults.map(({ what }) => what)).toContain('There is no transition block for state "ghost".');
  });

  it('are none in a table that always ends', () => {
    expect(
      simulateMany(parseStateTable(`a:m {\n x finish\n y a wait=1\n}\n${TAIL}`), { seed: 1, runs: 100, maxSteps: 500 })
        .faults,
    ).toEqual([]);
  });

  it('do not keep rows at the end of a long table from being taken', () => {
    const names = Array.from({ length: 15 }, (_, n) => `s${n}`);
    const blocks = names.map(
      (name, n) => `${name}:m {\n on ${names[n + 1] ?? 'finish'}\n off finish\n out failure\n}\n`,
    );
    const { rowsNeverTaken } = simulateMany(parseStateTable(blocks.join('') + TAIL), {
      seed: 1,
      runs: 300,
      maxSteps: 500,
    });
    expect(rowsNeverTaken.filter((row) => row.startsWith('s'))).toEqual([]);
  });
});
