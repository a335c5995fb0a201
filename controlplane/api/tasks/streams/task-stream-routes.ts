import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { contract } from '../../http/contract.ts';
import type { TaskId } from '../../../../shared/model/ids.ts';
import type { Clock } from '../../../../shared/time/clock.ts';
import { isStillAuthorised, principalOf } from '../../http/access.ts';
import type { Authenticator } from '../../http/authentication.ts';
import { RequestInvalidError } from '../../http/parse-request.ts';
import { eventSender } from '../../http/send-events.ts';
import { findVisibleTask, PathWithId, maySee } from '../own-task.ts';
import { audienceOf } from '../recording/task-recording-routes.ts';
import type { TaskRecordingService } from '../recording/task-recording-service.ts';
import type { TaskService } from '../task-service.ts';
import {
  createStreamReads,
  outputJson,
  type ReadTask,
  type StreamReads,
  type StreamRecord,
} from './task-stream-reads.ts';
import type { TaskWatchers } from './task-watchers.ts';
import { formatEvent, parseCursor, START, type Cursor } from './stream-events.ts';
import { FollowingAbort } from '../../../../shared/time/following-abort.ts';

export interface StreamRouteServices {
  readonly tasks: TaskService;
  readonly recordings: TaskRecordingService;
  readonly watchers: Pick<TaskWatchers, 'watch'>;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
}

const STREAM = contract({
  summary: 'Everything that happens to a task, as it happens',
  params: PathWithId,
  headers: z.object({
    'last-event-id': z.string().optional().describe('Id of the last event that came: the stream goes on after it.'),
  }),
  answers: { 200: { media: 'text/event-stream', description: 'Events task, state, log, output and end' } },
});

interface Reader {
  readonly id: TaskId;
  readonly request: FastifyRequest;
  cursor: Cursor;
  /** What was read of the task after its last change. */
  task: ReadTask | undefined;
  /** The last `task` event, so that an unchanged task is not sent again. */
  lastTask: string;
  /**
   * The end of the output sent so far, by stream and process: the store may have trimmed what this reader already has.
   */
  readonly ends: Map<string, number>;
}

interface Sources {
  readonly reads: StreamReads;
  readonly watchers: StreamRouteServices['watchers'];
  readonly clock: Clock;
}

// Proxies cut connections that are silent for 60 s (the default of nginx and of AWS load balancers).
const KEEP_ALIVE_MS = 15_000;
/** Events are written together up to this size: a write costs more than the text of most events. */
const WRITE_CHARACTERS = 65_536;

/**
 * Server-Sent Events: `task` (its view, whenever it changed), `state`, `log`, `output`, and `end` with the last
 * view, after which the server closes. Each has an id from which another connection goes on. Before each read the token
 * is checked again; the stream ends without `end` when the token is no longer valid for the task.
 */
export function taskStreamRoutes(app: FastifyInstance, services: StreamRouteServices): void {
  const { watchers, clock } = services;
  const reads = createStreamReads(services);
  const sendEvents = eventSender(app);
  app.get('/v1/tasks/:id/stream', { ...STREAM, exposeHeadRoute: false }, async (request, reply) => {
    const { id } = await findVisibleTask(reads.tasks, request);
    const reader: Reader = { id, request, cursor: resumeFrom(request), task: undefined, lastTask: '', ends: new Map() };
    return sendEvents(reply, (abort) => follow({ reads, watchers, clock }, reader, abort));
  });
}

function resumeFrom(request: FastifyRequest): Cursor {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return START;
  const cursor = typeof header === 'string' ? parseCursor(header) : undefined;
  if (cursor) return cursor;
  throw new RequestInvalidError('header', [{ path: 'last-event-id', message: 'it is not an id of this stream' }]);
}

async function* follow(sources: Sources, reader: Reader, abort: AbortSignal): AsyncGenerator<string> {
  const { reads, watchers, clock } = sources;
  const over = new FollowingAbort(abort);
  // Subscribed before the first read, so that no change between the two is lost.
  const changes = watchers.watch(reader.id, over.signal);
  let sentMs = clock.monotonicMs();
  try {
    for (;;) {
      const update = await readUpdate(reads, reader);
      if (!update || abort.aborted) return;
      for (const text of textsOf(update, reader)) {
        yield text;
        sentMs = clock.monotonicMs();
      }
      if (update.isOver) return;
      if (update.isFull) {
        // While a build writes faster than its reader reads, this loop never reaches `next()`, so other changes of the task are
        // taken here.
        if (changes.takeAny()) reader.task = undefined;
        continue;
      }
      if (clock.monotonicMs() - sentMs >= KEEP_ALIVE_MS) {
        yield ': keep-alive\n\n';
        sentMs = clock.monotonicMs();
      }
      const change = await changes.next();
      if (change === 'over') return;
      if (change === 'any') reader.task = undefined;
    }
  } finally {
    over.abort();
  }
}

interface StreamUpdate {
  /** The task as JSON. */
  readonly task: string;
  readonly records: readonly StreamRecord[];
  readonly isFull: boolean;
  /** The task has ended, and these are its last records. */
  readonly isOver: boolean;
}

/** Returns what is new; undefined when the reader may not see the task any more. */
async function readUpdate(reads: StreamReads, reader: Reader): Promise<StreamUpdate | undefined> {
  const { id, request, cursor } = reader;
  // The task is read before its records: if it has ended by now, they are all that belong to it. Its view takes some ten
  // queries, so it is not read for output alone, which comes many times a second.
  const [isAuthorised, read] = await Promise.all([
    isStillAuthorised(request, reads.authenticator),
    reader.task ?? reads.readTask(id),
  ]);
  reader.task = read;
  const { task, json } = read;
  if (!isAuthorised || !maySee(principalOf(request), task)) return undefined;
  const { records, isFull } = await reads.readPage({ id, after: cursor, audience: audienceOf(request) });
  return { task: json, records, isFull, isOver: task.status === 'COMPLETE' && !isFull };
}

/** Yields the events as texts to be written. */
function* textsOf(update: StreamUpdate, reader: Reader): Generator<string> {
  let text = '';
  for (const part of eventsOf(update, reader)) {
    text += part;
    if (text.length < WRITE_CHARACTERS) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** Yields the events, and notes in the reader what it has got. */
function* eventsOf({ task, records, isOver }: StreamUpdate, reader: Reader): Generator<string> {
  if (task !== reader.lastTask) yield* formatEvent('task', reader.cursor, [task]);
  reader.lastTask = task;
  for (const record of records) {
    reader.cursor = { ...reader.cursor, ...record.moves };
    yield* formatEvent(record.event, reader.cursor, jsonFor(reader, record));
  }
  if (isOver) yield* formatEvent('end', reader.cursor, [task]);
}

/** Returns the JSON of the record. Bytes that this reader already has do not count as missing, even if the store has trimmed them. */
function jsonFor({ ends }: Reader, { output, json }: StreamRecord): readonly string[] {
  if (!output) return json;
  const stream = `${output.attempt}:${output.stream}:${output.processId}`;
  const had = ends.get(stream);
  ends.set(stream, output.offset + output.length);
  const omittedBefore = had === undefined ? output.omittedBefore : Math.max(0, output.offset - had);
  return omittedBefore === output.omittedBefore ? json : outputJson({ ...output, omittedBefore });
}
