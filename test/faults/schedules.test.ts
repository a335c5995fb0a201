import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultBase, type FaultBase } from './fault-base.ts';
import { runSchedule } from './run-schedule.ts';
import { PLAIN, planSchedule, type Schedule } from './schedule.ts';
import { MARKS_UNREAD_SIGNALS_SQL } from './watch-sql.ts';

const SPEED = 10;
// Most of a schedule is waiting; more at once than this and the slowness of two cores would be what is tested.
const PARALLEL = 6;
const SEEDS = Array.from({ length: 16 }, (_, index) => 101 + index);
// Bounds of whole runs on two busy cores; nothing is asserted about time.
const LONG_MS = 400_000;

let base: FaultBase;
beforeAll(async () => {
  base = await startFaultBase({ speed: SPEED, nodes: 'in-process', parallel: PARALLEL });
});
afterAll(() => base.close());

describe('the harness', () => {
  it(
    'sees a save that marks signals as used which its step has never read',
    async () => {
      const schedule: Schedule = {
        ...PLAIN,
        seed: 7,
        tasks: Array.from({ length: 4 }, () => ({ afterSeconds: 0, kind: 'Collector', options: { count: 20 } })),
        boundSeconds: 120,
      };
      const { violations } = await runSchedule(base, schedule, MARKS_UNREAD_SIGNALS_SQL);
      expect(violations.map(({ rule }) => rule)).toContain('I4');
    },
    LONG_MS,
  );

  it(
    `finds every promise kept after ${SEEDS.length} schedules, ${PARALLEL} at once`,
    async () => {
      const waiting = [...SEEDS];
      const broken: string[] = [];
      const runSome = async (): Promise<void> => {
        for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
          const { violations } = await runSchedule(base, planSchedule(seed));
          for (const { rule, detail } of violations) broken.push(`seed ${seed}: ${rule}: ${detail}`);
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, runSome));
      expect(broken).toEqual([]);
    },
    LONG_MS,
  );
});
