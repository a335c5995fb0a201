import type { TaskId } from '../../../../shared/model/ids.ts';
import type { Authenticator } from '../../http/authentication.ts';
import { readTaskView } from '../own-task.ts';
import { shareRead } from './share-read.ts';
import { mergeByTime, type Cursor } from './stream-events.ts';
import {
  outputView,
  type LogAudience,
  type RecordedOutput,
  type TaskRecordingService,
} from '../recording/task-recording-service.ts';
import type { TaskService } from '../task-service.ts';
import type { TaskView } from '../task-views.ts';

/** A task and its text, which is made once for all readers. */
export interface ReadTask {
  readonly task: TaskView;
  readonly json: string;
}

/** A record to be sent, and the part of the cursor that it moves. */
export interface StreamRecord {
  readonly event: 'state' | 'log' | 'output';
  readonly at: string;
  readonly moves: Partial<Cursor>;
  /** The JSON of the events, in parts to be sent one after the other. */
  readonly json: readonly string[];
  /** Only of output. */
  readonly output?: RecordedOutput;
}

interface StreamPage {
  readonly records: readonly StreamRecord[];
  /** Whether more may follow. */
  readonly isFull: boolean;
}

interface PageWanted {
  readonly id: TaskId;
  readonly after: Cursor;
  readonly audience: LogAudience;
}

/** The reads of streams. Readers that ask for the same at the same moment share one read. */
export interface StreamReads {
  readonly authenticator: Authenticator;
  /** For readers that come at the same moment. */
  readonly tasks: Pick<TaskService, 'findTask'>;
  readTask(id: TaskId): Promise<ReadTask>;
  readPage(wanted: PageWanted): Promise<StreamPage>;
}

interface StreamSources {
  readonly tasks: Pick<TaskService, 'findTask'>;
  readonly recordings: TaskRecordingService;
  readonly authenticator: Authenticator;
}

/** Records of each kind that are read at once. A full page is followed by the next one at once. */
const PAGE = 500;
/** Pieces of output that are read at once, as far as they are small: a page has a bound of bytes too. */
const OUTPUT_PAGE = 100;

/**
 * Shares reads between the readers of a task, which are woken together and have mostly read equally far. A thousand readers then
 * cost the database as much as one; a task's view takes some ten queries.
 */
export function createStreamReads({ tasks, recordings, authenticator }: StreamSources): StreamReads {
  return {
    authenticator: { authenticate: shareRead((token) => authenticator.authenticate(token), String) },
    tasks: { findTask: shareRead((id) => tasks.findTask(id), String) },
    readTask: shareRead(async (id) => {
      const task = await readTaskView(tasks, id);
      return { task, json: JSON.stringify(task) };
    }, String),
    readPage: shareRead(
      (wanted) => readPage(recordings, wanted),
      ({ id, after, audience }) => [id, after.step, after.log, after.output, audience].join(),
    ),
  };
}

async function readPage(recordings: TaskRecordingService, { id, after, audience }: PageWanted): Promise<StreamPage> {
  const [steps, logs, output] = await Promise.all([
    recordings.readSteps(id, { after: after.step, limit: PAGE }),
    recordings.readLogs(id, { after: after.log, limit: PAGE, only: audience }),
    recordings.readOutputPieces(id, { after: after.output, limit: OUTPUT_PAGE }),
  ]);
  const records = mergeByTime<StreamRecord>([
    // At the same instant output comes first: the output of a process belongs before the state that its end led to.
    output.pieces.map(outputRecord),
    steps.map((step) => ({ event: 'state', at: step.at, moves: { step: step.number }, json: [JSON.stringify(step)] })),
    logs.map((log) => ({ event: 'log', at: log.at, moves: { log: log.id }, json: [JSON.stringify(log)] })),
  ]);
  const isFull = steps.length === PAGE || logs.length === PAGE || output.isFull;
  return { records, isFull };
}

function outputRecord(piece: RecordedOutput): StreamRecord {
  return { event: 'output', at: piece.at, moves: { output: piece.id }, json: outputJson(piece), output: piece };
}

/** As JSON.stringify(outputView(piece)), but the data, which may be 700 kB and has nothing to escape, is not copied. */
export function outputJson(piece: RecordedOutput): readonly string[] {
  const { data: _, ...view } = outputView({ ...piece, data: [] });
  return [`${JSON.stringify(view).slice(0, -1)},"data":"`, ...piece.data, '"}'];
}
