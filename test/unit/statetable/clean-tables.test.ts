import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskMethods } from '../../../controlplane/statetable/lint-methods.ts';
import { lintTable } from '../../../controlplane/statetable/lint-table.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { simulateRandomly } from '../../../controlplane/statetable/simulate-random.ts';
import type { Simulation } from '../../../controlplane/statetable/simulate.ts';
import { findBlock, findRow, rowFor, type StateTable } from '../../../controlplane/statetable/table.ts';

interface Task {
  readonly table: StateTable;
  readonly methods: TaskMethods['methods'];
}

const STATES = ['start', 'fetch', 'build', 'poll', 'tidy'];
const ENDS = ['failure', 'terminate'];
const VALUES = ['success', 'wait', 'fail', '!', 'late'];

const row = fc.record({
  target: fc.constantFrom(...STATES, 'finish', 'failure'),
  wait: fc.constantFrom(0, 5, 30),
  max: fc.constantFrom(0, 1, 3),
  exec: fc.boolean(),
});
const block = fc.record({
  declared: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1 }),
  hasMethod: fc.boolean(),
  rows: fc.dictionary(fc.constantFrom(...VALUES, '*'), row),
});

interface AnyBlock {
  readonly declared: readonly string[];
  readonly hasMethod: boolean;
  readonly rows: Readonly<Record<string, { target: string; wait: number; max: number; exec: boolean }>>;
}

/**
 * Returns rows for the answers of the method, and those that the linter demands: random rows alone are rarely clean.
 */
function rowsText(name: string, { declared, hasMethod, rows }: AnyBlock): string {
  const answers = hasMethod ? declared : [''];
  const known = Object.entries(rows).filter(([value]) => value === '*' || value === '!' || answers.includes(value));
  const lacks = (value: string): boolean => !known.some(([covered]) => covered === value);
  const text = known.map(([value, { target, wait, max, exec }]) => {
    return `  ${value} ${target} wait=${wait === 0 && target === name ? 1 : wait} max=${max} exec=${exec}\n`;
  });
  if (lacks('*') && answers.some((value) => value !== '!' && lacks(value))) text.push('  * tidy wait=1\n');
  if (lacks('!') && answers.includes('!')) text.push('  ! failure\n');
  return text.join('');
}

/** A table and the answers that its methods declare. Most are clean. Others fail because no way leads to finish. */
const anyTask: fc.Arbitrary<Task> = fc
  .tuple(...[...STATES, ...ENDS].map((name) => fc.tuple(fc.constant(name), block)))
  .map((blocks) => {
    const base = [...STATES, ...ENDS, 'finish', 'emptyTransition'].map((name) => [name, null] as const);
    const methods = new Map<string, readonly string[] | null>(base);
    const text = blocks.map(([name, block]) => {
      if (block.hasMethod) methods.set(`check_${name}`, block.declared);
      return `${name}${block.hasMethod ? `:check_${name}` : ''} {\n${rowsText(name, block)}}\n`;
    });
    return { table: parseStateTable(text.join('')), methods };
  });

const RUNS = 40;
const TABLES = 250; // 250 tables, 40 runs of each: 10,000 simulations

/** Runs clean tables with methods that answer only what they have declared. */
function forCleanRuns(
  options: { errorRatio: number; terminateRatio: number },
  check: (run: Simulation, task: Task) => void,
): void {
  // The linter gives only a warning about states without a way on when a table declares no answers at all.
  const cleanTask = anyTask.filter(({ table, methods }) => {
    const { findings } = lintTable(table, { task: { methods } });
    return !findings.some(({ severity, rule }) => severity === 'error' || rule === 'missing-star');
  });
  fc.assert(
    fc.property(cleanTask, fc.integer(), ({ table, methods }, seed) => {
      for (let run = 0; run < RUNS; run += 1) {
        const simulation = simulateRandomly(table, { ...options, seed: seed + run, maxSteps: 60, methods });
        check(simulation, { table, methods });
      }
    }),
    { numRuns: TABLES },
  );
}

describe('a table that lints clean, with methods that answer what they declare', () => {
  it('never comes to an answer without a row', () => {
    forCleanRuns({ errorRatio: 0, terminateRatio: 0.01 }, ({ recording, uncaught }, { table }) => {
      expect(uncaught?.kind).not.toBe('no-row');
      for (const step of recording) {
        // No method throws here, so an error can only be a row that was taken too often.
        if (step.way !== 'error' || step.value === '!') continue;
        expect(rowFor(findBlock(table, step.from!), step.value!)?.max).toBeGreaterThan(0);
      }
    });
  });

  it('never takes a row more often than its max, and does nothing after finish', () => {
    forCleanRuns({ errorRatio: 0.1, terminateRatio: 0.01 }, ({ recording, position }, { table }) => {
      for (const [state, counts] of Object.entries(position.counters)) {
        for (const [value, count] of Object.entries(counts)) {
          const { max } = findRow(findBlock(table, state), value)!;
          if (max > 0) expect(count).toBeLessThanOrEqual(max);
        }
      }
      const finished = recording.findIndex(({ to }) => to === 'finish');
      if (finished >= 0) expect(finished).toBe(recording.length - 1);
    });
  });
});
