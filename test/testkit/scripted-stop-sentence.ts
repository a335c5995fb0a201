import { stopSentence } from '../../agent/lifecycle/stop-sentence.ts';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import { BYTES_PER_GB } from '../../shared/model/units.ts';

/** What is known of a container that a script ends. */
export interface ScriptedStopFigures {
  readonly ranSeconds: number;
  readonly workloadBytes: number | null;
  readonly initialBytes: number | null;
  /** What its task allows; null: nothing is said. */
  readonly maxTimeSeconds: number | null;
  readonly maxDiskGb: number | null;
}

/**
 * Returns the sentence of the real agent. A script may let a container exceed a limit that its task does not have, or long
 * before it is reached: the figures are then those of one that has just been exceeded.
 */
export function scriptedStopSentence(cause: StopCause, figures: ScriptedStopFigures): string {
  const { ranSeconds, workloadBytes, initialBytes } = figures;
  const maxTimeSeconds = figures.maxTimeSeconds ?? Math.floor(ranSeconds);
  const used = workloadBytes ?? 0;
  const maxWorkloadBytes = figures.maxDiskGb === null ? used : figures.maxDiskGb * BYTES_PER_GB;
  return stopSentence(cause, {
    ranSeconds: Math.max(ranSeconds, maxTimeSeconds),
    maxTimeSeconds,
    workloadBytes: Math.max(used, maxWorkloadBytes),
    maxWorkloadBytes,
    initialBytes,
    inodes: null,
    maxInodes: 0,
    freeBytes: null,
    fullest: null,
    lackingInodes: null,
    noProgressSeconds: 0,
    running: [],
    detail: null,
  });
}
