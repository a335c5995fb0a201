import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultBase, type FaultBase } from './fault-base.ts';
import { runSchedule } from './run-schedule.ts';
import { runSchedules } from './run-schedules.ts';
import { PLAIN, type Schedule } from './schedule.ts';
import { SHORT_SUITE, SUITE, SUITE_PARALLEL, SUITE_SPEED } from './suite.ts';
import { MARKS_UNREAD_SIGNALS_SQL } from './watch-sql.ts';

// Bounds of whole runs on two busy cores; nothing is asserted about time.
const LONG_MS = 600_000;

let base: FaultBase;
beforeAll(async () => {
  base = await startFaultBase({ speed: SUITE_SPEED, nodes: 'in-process', parallel: SUITE_PARALLEL });
});
afterAll(() => base.close());

describe('the fault harness', () => {
  it(
    'sees a save that marks signals as used which its step has never read',
    async () => {
      const schedule: Schedule = {
        ...PLAIN,
        seed: 7,
        // A process ends each 100 ms (a second of hurried time), so that every check misses some of the signals.
        tasks: Array.from({ length: 4 }, () => ({
          afterSeconds: 0,
          kind: 'Collector',
          options: { count: 20, checkTakesMs: 100 },
        })),
        boundSeconds: 60,
      };
      const { violations } = await runSchedule(base, schedule, MARKS_UNREAD_SIGNALS_SQL);
      expect(violations.map(({ rule }) => rule)).toContain('I4');
    },
    LONG_MS,
  );

  it('runs a part of the suite in npm test, with its share of full schedules, and knows each by its seed', () => {
    const seeds = SUITE.map(({ seed }) => seed);
    expect([seeds.length, new Set(seeds).size]).toEqual([200, 200]);
    expect(SHORT_SUITE).toHaveLength(60);
    for (const schedule of SHORT_SUITE) expect(SUITE).toContainEqual(schedule);
  });

  // All of the suite: npm run faults -- --suite
  it(
    `finds every promise kept after ${SHORT_SUITE.length} schedules of the suite, ${SUITE_PARALLEL} at once`,
    async () => {
      const broken: string[] = [];
      await runSchedules(base, SHORT_SUITE, {
        parallel: SUITE_PARALLEL,
        onOutcome: ({ schedule: { seed }, end }) => {
          if (end.kind === 'harness-broke') throw end.error;
          if (end.kind === 'too-slow') broken.push(`seed ${seed} was too slow to say anything: ${end.why}`);
          else for (const { rule, detail } of end.result.violations) broken.push(`seed ${seed}: ${rule}: ${detail}`);
        },
      });
      expect(broken).toEqual([]);
    },
    LONG_MS,
  );
});
