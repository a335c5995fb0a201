/** The party responsible for an end. `spot`: AWS took its machine back. */
export const FAULTS = ['user', 'system', 'capacity', 'configuration', 'spot'] as const;
export type Fault = (typeof FAULTS)[number];
/** Whether another launch can help: at once as a new attempt, after waiting, or not at all. */
export const RETRIES = ['launch-again', 'wait', 'never'] as const;
export type Retry = (typeof RETRIES)[number];

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
  };
}
