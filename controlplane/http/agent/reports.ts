import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';
import type { HeartbeatReport, StreamName } from '../../../shared/protocol/signals.ts';
import type { SigningKeyWorld } from './signed-request.ts';

export interface ReceivedChunk {
  readonly callbackId: CallbackId;
  readonly taskId: TaskId;
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly data: Buffer;
}

export interface ReceivedHeartbeat {
  readonly callbackId: CallbackId;
  readonly taskId: TaskId;
  readonly report: HeartbeatReport;
}

export interface ReportWorld extends SigningKeyWorld {
  /** A chunk that is already there (same process, stream and offset) is not an error. `watched`: somebody looks on. */
  readonly recordChunk: (chunk: ReceivedChunk) => Promise<{ readonly watched: boolean }>;
  readonly recordHeartbeat: (heartbeat: ReceivedHeartbeat) => Promise<void>;
}
