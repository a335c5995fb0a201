import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';

export interface SigningKey {
  /** 32 bytes, from the enrolment. */
  readonly key: Buffer;
  readonly keyId: string;
  readonly taskId: TaskId;
}

export interface SigningKeyWorld {
  /** Null for a callback id that was never given out and for an attempt that has not enrolled. */
  readonly findSigningKey: (callbackId: CallbackId) => Promise<SigningKey | null>;
}
