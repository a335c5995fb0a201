import type { Fault, Retry } from '../../../shared/model/fault.ts';

/** One known way in which a container ends. The first row that matches is the answer. */
export interface CauseRow {
  readonly cause: string;
  readonly fault: Fault;
  readonly retry: Retry;
  /** The sentence for people; `{exitCode}` and `{reason}` are filled in. */
  readonly sentence: string;
  readonly remedy: string;
  /** Every condition that is given must hold. */
  readonly when: {
    readonly stopCode?: string | RegExp;
    /**
     * Matched against the words (message-words.ts) of the container's reason and of the task's stop reason. One of the
     * two must match.
     */
    readonly pattern?: RegExp;
    /** Matched against the words of the task's stop reason only. */
    readonly stoppedReason?: RegExp;
    readonly exitCode?: number | null;
    /** What the agent of the container had not come to. */
    readonly endedBefore?: 'report' | 'ready';
  };
}
