import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TooSlow } from './ask-again.ts';
import { startFaultBase, type FaultBase } from './fault-base.ts';
import { runSchedule } from './run-schedule.ts';
import { PLAIN, planSchedule, SIZES, type Schedule } from './schedule.ts';
import { MARKS_UNREAD_SIGNALS_SQL } from './watch-sql.ts';

const SPEED = 10;
// Most of a schedule is waiting; more at once than this and the slowness of two cores would be what is tested.
const PARALLEL = 6;
// 200 in all: a brief one costs a third of a full one, and kills as often for its time.
const SCHEDULES = [
  ...Array.from({ length: 16 }, (_, index) => planSchedule(101 + index, SIZES.full)),
  ...Array.from({ length: 184 }, (_, index) => planSchedule(1_001 + index, SIZES.brief)),
];
// Bounds of whole runs on two busy cores; nothing is asserted about time.
const LONG_MS = 600_000;

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
    `finds every promise kept after ${SCHEDULES.length} schedules, ${PARALLEL} at once`,
    async () => {
      const waiting = [...SCHEDULES];
      const broken: string[] = [];
      const slow: Schedule[] = [];
      const run = async (schedule: Schedule, onSlow: (said: string) => void): Promise<void> => {
        try {
          const { violations } = await runSchedule(base, schedule);
          for (const { rule, detail } of violations) broken.push(`seed ${schedule.seed}: ${rule}: ${detail}`);
        } catch (error) {
          if (!(error instanceof TooSlow)) throw error;
          onSlow(`seed ${schedule.seed} was too slow to say anything: ${error.message}`);
        }
      };
      const runSome = async (): Promise<void> => {
        for (let schedule = waiting.shift(); schedule; schedule = waiting.shift()) {
          const planned = schedule;
          await run(planned, () => slow.push(planned));
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, runSome));
      // Once more, and alone: a machine that is too slow for that too cannot run this test.
      for (const schedule of slow) await run(schedule, (said) => broken.push(said));
      expect(broken).toEqual([]);
    },
    LONG_MS,
  );
});
