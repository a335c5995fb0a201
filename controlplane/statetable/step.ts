import type { TableFailure, Exit, Position } from './position.ts';
import type { RecordedStep } from './recording.ts';

/** The event since the last instruction. */
export type StepEvent =
  /** A step begins; `early` when a signal ended the wait. It is sent after a crash too, whatever was in progress. */
  | { readonly kind: 'begin'; readonly terminateRequested: boolean; readonly wake: 'due' | 'early' }
  /** The transition method returned; anything but a string is an error. */
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'method-threw'; readonly message: string }
  /** The state's method returned. */
  | { readonly kind: 'entered' }
  | { readonly kind: 'state-threw'; readonly message: string };

export type Instruction =
  /** Call the transition method `method` of `state`, then report `answered` or `method-threw`. */
  | { readonly kind: 'ask'; readonly state: string; readonly method: string }
  /**
   * Set `exit` on the task if there is one, call the method of `state` with `cause` as second argument, then report
   * `entered` or `state-threw`. The same `entry` again means that an interrupted run is repeated.
   */
  | {
      readonly kind: 'enter';
      readonly state: string;
      readonly entry: number;
      readonly cause: TableFailure | null;
      readonly exit: Exit | null;
    }
  /** The step is over; the next `begin` follows after this wait. */
  | { readonly kind: 'wait'; readonly seconds: number }
  /** The step is over and changed nothing: the interrupted wait continues to its original end. */
  | { readonly kind: 'keep-waiting' }
  /** The task is over; `finalExit` explains `exit`. */
  | { readonly kind: 'complete'; readonly exit: Exit | null };

export interface Decision {
  readonly position: Position;
  readonly instruction: Instruction;
  /** The step that this call completed, for the recording. */
  readonly recorded: RecordedStep | null;
  /** `[a] -> {value} -> [b]`; null when the task stays where it is. */
  readonly logLine: string | null;
  /** The error of this call, for the log. It leads to a state or has ended the task. */
  readonly error: TableFailure | null;
}
