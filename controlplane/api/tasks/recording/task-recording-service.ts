import type { TaskId } from '../../../../shared/model/ids.ts';
import type { StreamName } from '../../../../shared/protocol/signals.ts';
import { readOutput, readOutputPieces, type PieceRange, type StoredPiece } from '../../../store/output/read-output.ts';
import type { Db } from '../../../store/schema.ts';
import { readLogs, readSteps } from '../../../store/tasks/read-recording.ts';
import { logView, stepView } from './recording-facts.ts';
import type { LogView, OutputView, StepView } from './task-recording-views.ts';

interface RecordingPage {
  /** Only records with a greater number (steps) or id (logs, output); 0 for everything. */
  readonly after: number;
  readonly limit: number;
}

/** A stored piece of output, and how long it is. */
export interface RecordedOutput extends Omit<StoredPiece, 'at'> {
  readonly at: string;
}

interface RecordedPage {
  readonly pieces: readonly RecordedOutput[];
  /** More pieces may lie behind it. */
  readonly isFull: boolean;
}

export function outputView({ length: _, data, ...view }: RecordedOutput): OutputView {
  return { ...view, data: data.join('') };
}

/** A stretch of one stream of the task, its processes and attempts one after the other. */
interface OutputStretch {
  /** The bytes, with a mark wherever some are missing; offsets do not count the marks. */
  readonly data: Buffer;
  /** The offset of the next read. */
  readonly nextOffset: number;
  /** Bytes that were never stored; exact. */
  readonly omittedBytes: number;
}

export type LogAudience = 'user-readable' | 'all';

/** Reads the recordings of a task: its steps, its log and its output. */
export interface TaskRecordingService {
  /** Oldest first. */
  readSteps(id: TaskId, from: RecordingPage): Promise<readonly StepView[]>;
  readLogs(id: TaskId, from: RecordingPage & { readonly only: LogAudience }): Promise<readonly LogView[]>;
  /** Reads the output of both streams in the order in which it came. */
  readOutputPieces(id: TaskId, from: PieceRange): Promise<RecordedPage>;
  readOutput(
    id: TaskId,
    from: { readonly stream: StreamName; readonly offset: number; readonly maxBytes: number },
  ): Promise<OutputStretch>;
}

export function createTaskRecordingService(db: Db): TaskRecordingService {
  return {
    readSteps: async (id, from) => (await readSteps(db, id, from)).map(stepView),
    readLogs: async (id, from) => (await readLogs(db, id, from)).map(logView),
    readOutputPieces: async (id, from) => {
      const { pieces, isFull } = await readOutputPieces(db, id, from);
      return { pieces: pieces.map((piece) => ({ ...piece, at: piece.at.toISOString() })), isFull };
    },
    readOutput: (id, from) => readOutput(db, id, from),
  };
}
