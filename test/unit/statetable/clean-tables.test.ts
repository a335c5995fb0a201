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

/** A table and the answers its methods declare; most are clean, because rows for undeclared answers are left out. */
const anyTask: fc.Arbitrary<Task> = fc
  .tuple(...[...STATES, ...ENDS].map((name) => fc.tuple(fc.constant(name), block)))
  .map((blocks) => {
    const base = [...STATES, ...ENDS, 'finish', 'emptyTransition'].map((name) => [name, null] as const);
    const methods = new Map<string, readonly string[] | null>(base);
    const text = blocks.map(([name, { declared, hasMethod, rows }]) => {
      if (hasMethod) methods.set(`check_${name}`, declared);
      const rowText = Object.entries(rows)
        .filter(([value]) => value === '*' || value === '!' || (hasMethod && declared.includes(value)))
        .map(([value, { target, wait, max, exec }]) => `  ${value} ${target} wait=${wait} max=${max} exec=${exec}\n`);
      return `${name}${hasMethod ? `:check_${name}` : ''} {\n${rowText.join('')}}\n`;
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
  // A table that declares no answers at all is only warned of states without a way on.
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
        // Nothing throws here, so an error can only be a row that was taken too often.
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
