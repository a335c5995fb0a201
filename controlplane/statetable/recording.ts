import type { Way } from './position.ts';

/** One step of a task as it is kept for people: where from, why, where to. Whoever keeps it adds times. */
export interface RecordedStep {
  readonly from: string | null;
  /** What the transition method answered (`!` when it threw), or `terminateRequested`; null when nothing was asked. */
  readonly value: string | null;
  readonly to: string;
  readonly way: Way;
  /** False when the row said exec=false. */
  readonly executed: boolean;
  readonly waitSeconds: number;
}

/** A line per transition; entering the start state, or failing to, leaves none. */
export function transcriptOf(recording: readonly RecordedStep[]): string {
  return recording
    .filter((step) => step.from !== null)
    .map((step) => `${step.from} => '${step.value}' => ${step.executed ? step.to : `[${step.to}]`}`)
    .join('\n');
}
