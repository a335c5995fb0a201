import type { TaskId } from '../../shared/model/ids.ts';
import type { KnownEffect, NewEffect } from './effects/effects.ts';
import type { AttemptLimits } from './schema/container-tables.ts';
import type { EffectState } from './schema/task-tables.ts';
import type { LaunchIntent, NewAttempt } from './attempts/intend-launch.ts';
import type { Witnessed } from './attempts/mark-attempt.ts';
import type { ContainerAddress } from '../containers/container.ts';
import type { EndCause } from '../containers/causes/end-cause.ts';
import type { CollectedPiece, OutputEnds } from './output/collected-output.ts';
import type { KnownRequest, NewRequest } from './outbox/requests.ts';
import type { StepInput } from './tasks/begin-step.ts';
import type { ChildOutcome, ChildRow } from './tasks/children.ts';
import type { NewTask } from './tasks/add-task.ts';
import type { TaskLease } from './tasks/leases.ts';
import type { SavedStep, SaveOutcome } from './tasks/save-step.ts';
import type { EndingTask } from './tasks/supersede.ts';

/**
 * The record as the steps of tasks use it. createStepStore keeps it in PostgreSQL, and the test kit by value: one
 * contract suite (test/contract/step-store) holds both, so that a simulated task meets the engine's own rules. What each
 * function promises stands at its implementation in this room.
 */
export interface StepStore {
  beginStep(lease: TaskLease): Promise<StepInput | null>;
  saveStep(lease: TaskLease, step: SavedStep): Promise<SaveOutcome>;
  releaseTask(lease: TaskLease, afterSeconds: number): Promise<'released' | 'lost'>;
  countTakeovers(lease: TaskLease): Promise<number | null>;
  /** Adds a warning to the log of a task, whichever node holds the task now. */
  logLateError(task: TaskId, message: string): Promise<void>;

  addChild(lease: TaskLease, child: { effect: NewEffect; task: NewTask }): Promise<ChildOutcome>;
  listChildren(parent: TaskId): Promise<readonly ChildRow[]>;
  endOrphans(parent: TaskId | null): Promise<void>;
  findEndingTask(task: TaskId): Promise<EndingTask | null>;

  intendEffect(lease: TaskLease, effect: NewEffect): Promise<KnownEffect | null>;
  findEffect(task: TaskId, key: string): Promise<KnownEffect | null>;
  settleEffect(settled: {
    taskId: TaskId;
    key: string;
    state: Exclude<EffectState, 'intended'>;
    answer: unknown;
  }): Promise<'settled' | 'already'>;
  intendRequest(lease: TaskLease, request: NewRequest): Promise<KnownEffect | null>;
  findRequest(task: TaskId, key: string): Promise<KnownRequest | null>;

  recallLaunch(lease: TaskLease, key: string): Promise<LaunchIntent | null>;
  intendLaunch(lease: TaskLease, launch: { effect: NewEffect; attempt: NewAttempt }): Promise<LaunchIntent>;
  markLaunched(attempt: number, arn: string): Promise<'marked' | 'void'>;
  markVoid(attempt: number, cause: string): Promise<'marked' | 'launched'>;
  markStopped(attempt: number, cause: string): Promise<void>;
  markExplained(attempt: number, end: EndCause): Promise<void>;
  markReleased(attempt: number): Promise<void>;
  readMemoryPeak(attempt: number): Promise<number | null>;
  markVerified(attempt: number, address: ContainerAddress, limits?: AttemptLimits): Promise<void>;
  markWitnessed(attempt: number, seen: Witnessed): Promise<void>;
  pinHostKey(attempt: number, line: string): Promise<string>;
  readOutputEnds(attempt: number, processId: string): Promise<OutputEnds>;
  appendCollected(piece: CollectedPiece): Promise<void>;

  /** Returns whether the error means that the store has failed, as in an outage. Such an error must not be blamed on the task. */
  isTrouble(error: unknown): boolean;
}
