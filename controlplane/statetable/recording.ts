import type { Way } from './position.ts';

/** One step of a task as people read it: from where, why, to where. The store adds times. */
export interface RecordedStep {
  readonly from: string | null;
  /** The answer of the transition method (`!` when it threw), or `terminateRequested`; null when none was asked. */
  readonly value: string | null;
  readonly to: string;
  readonly way: Way;
  /** False when the row said exec=false. */
  readonly executed: boolean;
  readonly waitSeconds: number;
}

/** Prints one line per transition. Entering the start state, or failing to, gives none. */
export function transcriptOf(recording: readonly RecordedStep[]): string {
  return recording
    .filter((step) => step.from !== null)
    .map((step) => `${step.from} => '${step.value}' => ${step.executed ? step.to : `[${step.to}]`}`)
    .join('\n');
}
