/** A promise that was broken, and what shows it. */
export interface Violation {
  readonly rule: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8';
  readonly detail: string;
  /** It could be made good by waiting. */
  readonly isLate?: true;
}

/** What time alone can bring about: a task that has not ended yet, a container that has not gone, a request under way. */
export function isLateness({ isLate }: Violation): boolean {
  return isLate === true;
}

/** A violation for each row. */
export const each = <T>(rule: Violation['rule'], rows: readonly T[], say: (row: T) => string): Violation[] =>
  rows.map((row) => ({ rule, detail: say(row) }));

/** The same for what waiting could make good. */
export const lateEach = <T>(rule: Violation['rule'], rows: readonly T[], say: (row: T) => string): Violation[] =>
  rows.map((row) => ({ rule, detail: say(row), isLate: true }));
