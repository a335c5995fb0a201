import { TooSlow } from './ask-again.ts';
import type { FaultBase } from './fault-base.ts';
import { runSchedule, type ScheduleResult } from './run-schedule.ts';
import type { Schedule } from './schedule.ts';

export interface ScheduleOutcome {
  readonly schedule: Schedule;
  readonly seconds: number;
  /** A schedule that the machine was too slow for has neither kept nor broken a promise. */
  readonly end:
    | { readonly kind: 'finished'; readonly result: ScheduleResult }
    | { readonly kind: 'too-slow'; readonly why: string }
    | { readonly kind: 'harness-broke'; readonly error: unknown };
}

export interface RunSchedulesOptions {
  readonly parallel: number;
  readonly onBegin?: (schedule: Schedule) => void;
  readonly onOutcome: (outcome: ScheduleOutcome) => void;
  /** Begins no further schedule; those that run come to their end. */
  readonly abort?: AbortSignal;
}

/**
 * Runs the schedules, `parallel` at once. One that was too slow runs once more, alone, after all others: the outcome
 * is that of the second run. A machine that is too slow for that too cannot say anything.
 */
export async function runSchedules(
  base: FaultBase,
  schedules: readonly Schedule[],
  { parallel, onBegin, onOutcome, abort }: RunSchedulesOptions,
): Promise<void> {
  const waiting = [...schedules];
  const slow: ScheduleOutcome[] = [];
  const run = async (schedule: Schedule): Promise<ScheduleOutcome> => {
    onBegin?.(schedule);
    return runOne(base, schedule);
  };
  const runSome = async (): Promise<void> => {
    for (let schedule = waiting.shift(); schedule && !abort?.aborted; schedule = waiting.shift()) {
      const outcome = await run(schedule);
      if (outcome.end.kind === 'too-slow') slow.push(outcome);
      else onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: parallel }, runSome));
  for (const first of slow) onOutcome(abort?.aborted ? first : await run(first.schedule));
}

async function runOne(base: FaultBase, schedule: Schedule): Promise<ScheduleOutcome> {
  const beganMs = performance.now();
  const endOf = async (): Promise<ScheduleOutcome['end']> => {
    try {
      return { kind: 'finished', result: await runSchedule(base, schedule) };
    } catch (error) {
      if (error instanceof TooSlow) return { kind: 'too-slow', why: error.message };
      return { kind: 'harness-broke', error };
    }
  };
  const end = await endOf();
  return { schedule, seconds: (performance.now() - beganMs) / 1_000, end };
}
