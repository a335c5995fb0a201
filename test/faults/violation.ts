/** A broken promise with its evidence. */
export interface Violation {
  readonly rule: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8';
  readonly detail: string;
  /** Waiting could mend it. */
  readonly isLate?: true;
}

/**
 * Returns whether time alone can cause the violation: a task that has not ended yet, a container that has not gone, a
 * request under way.
 */
export function isLateness({ isLate }: Violation): boolean {
  return isLate === true;
}

/** Returns a violation for each row. */
export const each = <T>(rule: Violation['rule'], rows: readonly T[], say: (row: T) => string): Violation[] =>
  rows.map((row) => ({ rule, detail: say(row) }));

/** Returns a violation that waiting could mend for each row. */
export const lateEach = <T>(rule: Violation['rule'], rows: readonly T[], say: (row: T) => string): Violation[] =>
  rows.map((row) => ({ rule, detail: say(row), isLate: true }));
