/** Whether no process is left that could write, and the disk was measured after the last one ended. */
export interface Idleness {
  readonly isIdle: boolean;
  /** Called when a process was started. */
  started(): void;
  /** Called after each measurement of the disk, with the number of processes of the build that live. */
  diskMeasured(living: number): void;
}

/**
 * Two measurements, because a process that wrote and ended during the first may have written where that one had already
 * been.
 */
const MEASUREMENTS_WITHOUT_PROCESSES = 2;

export function createIdleness(): Idleness {
  let measurements = 0;
  return {
    get isIdle() {
      return measurements >= MEASUREMENTS_WITHOUT_PROCESSES;
    },
    started: () => void (measurements = 0),
    diskMeasured: (living) => void (measurements = living === 0 ? measurements + 1 : 0),
  };
}
