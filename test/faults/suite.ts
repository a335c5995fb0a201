import { planSchedule, SIZES, type Schedule } from './schedule.ts';

/** Ten times faster than life: a lease of 30 s is 3 s, which a busy machine can still keep. */
export const SUITE_SPEED = 10;
/** Most of a schedule is waiting. With more at once, the slowness of two cores would be what is tested. */
export const SUITE_PARALLEL = 6;

/** The first seeds of both sizes. Seeds of a size follow each other, so a shorter suite is a part of a longer one. */
const FIRST_SEED = { full: 101, brief: 1_001 } as const;

function planSuite(count: { readonly full: number; readonly brief: number }): Schedule[] {
  return (['full', 'brief'] as const).flatMap((size) =>
    Array.from({ length: count[size] }, (_, index) => planSchedule(FIRST_SEED[size] + index, SIZES[size])),
  );
}

/**
 * All schedules of the suite, for `npm run faults -- --suite`. A brief one costs a third of a full one, and kills as
 * often for its time.
 */
export const SUITE = planSuite({ full: 16, brief: 184 });

/** The part of the suite that `npm test` runs, with the same share of full schedules: a third of its time. */
export const SHORT_SUITE = planSuite({ full: 5, brief: 55 });

/** Returns the size under which `--replay` plans a schedule of the suite again. */
export function sizeInSuite(seed: number): keyof typeof SIZES {
  return seed < FIRST_SEED.brief ? 'full' : 'brief';
}
