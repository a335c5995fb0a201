import type { Cause, Exit, Position } from './position.ts';
import type { RecordedStep } from './recording.ts';

/** What happened since the last instruction. */
export type StepEvent =
  /** A step begins; `early` when a signal cut the wait short. Also after a crash, whatever was under way. */
  | { readonly kind: 'begin'; readonly terminateRequested: boolean; readonly wake: 'due' | 'early' }
  /** The transition method returned; anything but a string is an error. */
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'method-threw'; readonly message: string }
  /** The state's method returned. */
  | { readonly kind: 'entered' }
  | { readonly kind: 'state-threw'; readonly message: string };

export type Instruction =
  /** Call the transition method `method` of `state`; come back with `answered` or `method-threw`. */
  | { readonly kind: 'ask'; readonly state: string; readonly method: string }
  /**
   * Set `exit` on the task if there is one, then call the method of `state` with `cause` as second argument; come
   * back with `entered` or `state-threw`. The same `entry` again means that an interrupted run is repeated.
   */
  | {
      readonly kind: 'enter';
      readonly state: string;
      readonly entry: number;
      readonly cause: Cause | null;
      readonly exit: Exit | null;
    }
  /** The step is over; the next `begin` comes after so long. */
  | { readonly kind: 'wait'; readonly seconds: number }
  /** The step is over and changed nothing: the wait it interrupted goes on to the time that was set. */
  | { readonly kind: 'keep-waiting' }
  /** The task is over; see `finalExit` for what `exit` means. */
  | { readonly kind: 'complete'; readonly exit: Exit | null };

export interface Decision {
  readonly position: Position;
  readonly instruction: Instruction;
  /** The step that came to an end with this call, for the recording. */
  readonly recorded: RecordedStep | null;
  /** `[a] -> {value} -> [b]`; null when the task stays where it is. */
  readonly logLine: string | null;
  /** The error met in this call, for the log; it is on its way to a state or has ended the task. */
  readonly error: Cause | null;
}
