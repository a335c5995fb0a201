import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { contract } from '../http/contract.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { Clock } from '../../../shared/support/clock.ts';
import { LATE, withinTime } from '../../../shared/support/within-time.ts';
import { isStillAuthorised, principalOf } from '../http/access.ts';
import type { Authenticator } from '../http/authentication.ts';
import { RequestInvalidError } from '../http/parse-request.ts';
import type { LogView, OutputView, StepView } from './task-views.ts';
import { findVisibleTask, PathWithId, maySee, readTaskView } from './own-task.ts';
import { audienceOf } from './task-recording-routes.ts';
import type { LogAudience, RecordedOutput, TaskRecordingService } from './task-recording-service.ts';
import type { TaskService } from './task-service.ts';
import type { TaskWatchers } from './task-watchers.ts';
import { formatEvent, mergeByTime, parseCursor, START, type Cursor } from './stream-events.ts';

export interface StreamRouteServices {
  readonly tasks: TaskService;
  readonly recordings: TaskRecordingService;
  readonly watchers: Pick<TaskWatchers, 'changes'>;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
}

const STREAM = contract({
  summary: 'Everything that happens to a task, as it happens',
  params: PathWithId,
  headers: z.object({ 'last-event-id': z.string().optional() }),
  answers: { 200: { media: 'text/event-stream', description: 'Events task, state, log, output and end' } },
});

interface Watch {
  readonly id: TaskId;
  readonly request: FastifyRequest;
  cursor: Cursor;
  /** The last `task` event, so that an unchanged task is not sent again. */
  lastTask: string;
  /**
   * The end of the output sent so far, by stream and process: the store may have trimmed what this reader already has.
   */
  readonly ends: Map<string, number>;
}

/** A record to be sent, and the part of the cursor that it moves. */
interface Numbered {
  readonly event: 'state' | 'log' | 'output';
  readonly at: string;
  readonly moves: Partial<Cursor>;
  readonly data: StepView | LogView | OutputView;
}

// Proxies cut connections that are silent for 60 s (the default of nginx and of AWS load balancers).
const KEEP_ALIVE_MS = 15_000;
/** Records of each kind that are read at once. A full page is followed by the next one at once. */
const PAGE = 500;

/**
 * Server-Sent Events: `task` (its view, whenever it changed), `state`, `log`, `output`, and `end` with the last
 * view, after which the server closes. Each has an id from which another connection goes on. Before each read the token
 * is checked again; the stream ends without `end` when the token is no longer valid for the task.
 */
export function taskStreamRoutes(app: FastifyInstance, services: StreamRouteServices): void {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  app.get('/v1/tasks/:id/stream', { ...STREAM, exposeHeadRoute: false }, async (request, reply) => {
    const { id } = await findVisibleTask(services.tasks, request);
    const watch: Watch = { id, request, cursor: resumeFrom(request), lastTask: '', ends: new Map() };
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    const events = follow(services, watch, AbortSignal.any([left.signal, closing.signal]));
    return reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('connection', 'close') // kept alive, it would hold a closing server until its idle time is over
      .header('x-accel-buffering', 'no') // nginx would otherwise hold events back until its buffer is full
      .send(Readable.from(events, { objectMode: false }));
  });
}

function resumeFrom(request: FastifyRequest): Cursor {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return START;
  const cursor = typeof header === 'string' ? parseCursor(header) : undefined;
  if (cursor) return cursor;
  throw new RequestInvalidError('header', [{ path: 'last-event-id', message: 'it is not an id of this stream' }]);
}

async function* follow(services: StreamRouteServices, watch: Watch, abort: AbortSignal): AsyncGenerator<string> {
  const over = new AbortController();
  // Subscribed before the first read, so that no change between the two is lost.
  const changes = services.watchers.changes(watch.id, AbortSignal.any([abort, over.signal]))[Symbol.asyncIterator]();
  try {
    let change = changes.next();
    while (!abort.aborted) {
      const ended = yield* catchUp(services, watch);
      if (ended) return;
      while ((await firstOf(change, services.clock, abort)) === 'quiet' && !abort.aborted) {
        if (!(await isStillAuthorised(watch.request, services.authenticator))) return;
        yield ': keep-alive\n\n';
      }
      if ((await change).done) return;
      change = changes.next();
    }
  } finally {
    // Aborted first: a generator that waits for a change would keep `return` waiting for that change, too.
    over.abort();
    await changes.return?.();
  }
}

/** Returns `quiet` when no change came until it was time for a keep-alive. */
async function firstOf(change: Promise<unknown>, clock: Clock, abort: AbortSignal): Promise<'change' | 'quiet'> {
  return (await withinTime(change, { clock, limitMs: KEEP_ALIVE_MS, abort })) === LATE ? 'quiet' : 'change';
}

/** Sends everything that is new. Returns true after `end`, and when the reader may not see the task any more. */
async function* catchUp(services: StreamRouteServices, watch: Watch): AsyncGenerator<string, boolean> {
  for (;;) {
    if (!(await isStillAuthorised(watch.request, services.authenticator))) return true;
    // The task is read first: if it has ended by now, the reads below find everything that belongs to it.
    const task = await readTaskView(services.tasks, watch.id);
    if (!maySee(principalOf(watch.request), task)) return true;
    const json = JSON.stringify(task);
    if (json !== watch.lastTask) yield formatEvent('task', watch.cursor, json);
    watch.lastTask = json;
    const isFull = yield* newRecords(services.recordings, watch);
    if (isFull) continue;
    if (task.status !== 'COMPLETE') return false;
    yield formatEvent('end', watch.cursor, json);
    return true;
  }
}

async function* newRecords(recordings: TaskRecordingService, watch: Watch): AsyncGenerator<string, boolean> {
  const { id, cursor } = watch;
  const audience: LogAudience = audienceOf(watch.request);
  const [steps, logs, pieces] = await Promise.all([
    recordings.readSteps(id, { after: cursor.step, limit: PAGE }),
    recordings.readLogs(id, { after: cursor.log, limit: PAGE, only: audience }),
    recordings.readOutputPieces(id, { after: cursor.output, limit: PAGE }),
  ]);
  const records = mergeByTime<Numbered>([
    // At the same instant output comes first: the output of a process belongs before the state that its end led to.
    pieces.map((piece) => ({
      event: 'output',
      at: piece.at,
      moves: { output: piece.id },
      data: outputView(piece, watch.ends),
    })),
    steps.map((step) => ({ event: 'state', at: step.at, moves: { step: step.number }, data: step })),
    logs.map((log) => ({ event: 'log', at: log.at, moves: { log: log.id }, data: log })),
  ]);
  for (const { event, moves, data } of records) {
    watch.cursor = { ...watch.cursor, ...moves };
    yield formatEvent(event, watch.cursor, JSON.stringify(data));
  }
  return [steps, logs, pieces].some((page) => page.length === PAGE);
}

function outputView(piece: RecordedOutput, ends: Map<string, number>): OutputView {
  const stream = `${piece.attempt}:${piece.stream}:${piece.processId}`;
  const end = ends.get(stream);
  ends.set(stream, piece.offset + piece.data.length);
  const omittedBefore = end === undefined ? piece.omittedBefore : Math.max(0, piece.offset - end);
  return { ...piece, data: piece.data.toString('base64'), omittedBefore };
}
