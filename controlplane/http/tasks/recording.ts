import type { TaskId } from '../../../shared/model/ids.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import type { LogView, StepView } from '../views.ts';

export interface ReadAfter {
  /** Only what has a greater number (steps) or id (logs, output); 0 for everything. */
  readonly after: number;
  readonly limit: number;
}

/** One stored chunk: an OutputView before its bytes become base64. */
export interface OutputPiece {
  readonly id: number;
  readonly at: string;
  readonly attempt: number;
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly data: Buffer;
}

/** A stretch of one stream of the task, its processes and attempts one after the other. */
export interface OutputStretch {
  readonly data: Buffer;
  /** Where the next read goes on: `offset` + `data.length`. */
  readonly nextOffset: number;
  /** Bytes that were never stored; exact. */
  readonly omittedBytes: number;
}

export interface TaskRecordingWorld {
  /** Oldest first. */
  readonly readSteps: (id: TaskId, from: ReadAfter) => Promise<readonly StepView[]>;
  readonly readLogs: (
    id: TaskId,
    from: ReadAfter & { readonly only: 'user-readable' | 'all' },
  ) => Promise<readonly LogView[]>;
  /** Both streams in the order in which they came. */
  readonly readOutputPieces: (id: TaskId, from: ReadAfter) => Promise<readonly OutputPiece[]>;
  readonly readOutput: (
    id: TaskId,
    from: { readonly stream: StreamName; readonly offset: number; readonly maxBytes: number },
  ) => Promise<OutputStretch>;
}
