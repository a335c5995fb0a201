/** Whether nobody is left who could write, and the last look at the disk has seen what everybody wrote. */
export interface Idleness {
  readonly isIdle: boolean;
  /** Something was started. */
  started(): void;
  /** A look at the disk is done, and so many processes of the build live. */
  looked(living: number): void;
}

/**
 * Two, because a process that wrote and ended during the first look may have written where that look had already been.
 */
const LOOKS_WITHOUT_ANYBODY = 2;

export function createIdleness(): Idleness {
  let looks = 0;
  return {
    get isIdle() {
      return looks >= LOOKS_WITHOUT_ANYBODY;
    },
    started: () => void (looks = 0),
    looked: (living) => void (looks = living === 0 ? looks + 1 : 0),
  };
}
