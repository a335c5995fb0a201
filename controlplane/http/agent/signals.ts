import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';
import type { Signal, SignalKind } from '../../../shared/protocol/signals.ts';
import type { SigningKeyWorld } from './signed-request.ts';

/** A signal whose signature was good and whose body was parsed. */
export interface ReceivedSignal {
  readonly callbackId: CallbackId;
  readonly taskId: TaskId;
  readonly webhookId: string;
  /** Position in the order in which the agent first sent its signals, from 1. */
  readonly sequence: number;
  readonly kind: SignalKind;
  readonly signal: Signal;
  /** Hex; tells "same id, same body" from "same id, other body". */
  readonly bodySha256: string;
}

export interface SignalWorld extends SigningKeyWorld {
  /** Resolves after the commit. `conflict`: this webhook id was seen with another body. */
  readonly recordSignal: (signal: ReceivedSignal) => Promise<'recorded' | 'repeated' | 'conflict' | 'unknown'>;
}
