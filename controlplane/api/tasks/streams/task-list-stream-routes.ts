import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { TaskId } from '../../../../shared/model/ids.ts';
import { isStillAuthorised, principalOf } from '../../http/access.ts';
import type { Authenticator } from '../../http/authentication.ts';
import { contract } from '../../http/contract.ts';
import { parseRequest, RequestInvalidError } from '../../http/parse-request.ts';
import { eventSender } from '../../http/send-events.ts';
import { summaryOf, visibleTo } from '../own-task.ts';
import { ListFilters } from '../task-filters.ts';
import { filterOf } from '../task-list-routes.ts';
import { shareRead } from './share-read.ts';
import type { ListChange, TaskListWatch } from './task-list-watch.ts';
import type { TaskFilter, TaskService } from '../task-service.ts';
import type { TaskSummary } from '../task-views.ts';
import { Timestamp } from '../../../../shared/model/timestamp.ts';

const STREAM = contract({
  summary: 'The tasks of a list as they change',
  query: ListFilters,
  headers: z.object({
    'last-event-id': z
      .string()
      .optional()
      .describe('Id of the last event that came: the stream goes on with what has changed since.'),
  }),
  answers: {
    200: {
      media: 'text/event-stream',
      description:
        'Events task (a TaskSummary that is new or changed), left (the id of a task that no longer matches the filter) and checked',
    },
  },
});

export interface ListStreamServices {
  readonly tasks: Pick<TaskService, 'listTasks'>;
  readonly listWatch: TaskListWatch;
  readonly authenticator: Authenticator;
}

interface ListReader {
  readonly request: FastifyRequest;
  readonly filter: Omit<TaskFilter, 'limit'>;
  /** The last text that was sent of each task. A changed row may have the same text: the renewal of a lease is not shown. */
  readonly sent: Map<number, string>;
}

// Reading the tasks of more ids at once would be one long statement.
const IDS_AT_ONCE = 500;
// All readers of one poll ask within this time.
const SHARED_MS = 1_000;

/**
 * Server-Sent Events of the list. A reader opens the stream, waits for the first `checked`, reads the list, and then changes
 * it by what comes: nothing is lost in between. Each event has the time of its poll as its id, from which another
 * connection goes on.
 */
export function taskListStreamRoutes(app: FastifyInstance, services: ListStreamServices): void {
  const shared = {
    listWatch: services.listWatch,
    tasks: shareReads(services.tasks),
    authenticator: { authenticate: shareRead((token: string) => services.authenticator.authenticate(token), String) },
  };
  const sendEvents = eventSender(app);
  app.get('/v1/stream', { ...STREAM, exposeHeadRoute: false }, async (request, reply) => {
    const filter = filterOf(parseRequest(ListFilters, request.query, 'query'));
    const reader: ListReader = { request, filter, sent: new Map() };
    const since = resumeFrom(request);
    return sendEvents(reply, (abort) => follow(shared, reader, since, abort));
  });
}

/** Reads tasks for one poll. */
interface PollReads {
  listTasks(pollAt: string, filter: TaskFilter): ReturnType<TaskService['listTasks']>;
}

/**
 * Readers with the same filter see the same tasks at the same poll, so that a thousand of them cost as much as one. A result that
 * was read for another poll is never reused, however close the two are: a change between them would reach nobody.
 */
function shareReads(tasks: ListStreamServices['tasks']): PollReads {
  const reads = new LRUCache<string, ReturnType<TaskService['listTasks']>>({ max: 100, ttl: SHARED_MS });
  return {
    listTasks(pollAt, filter) {
      const key = JSON.stringify([pollAt, filter]);
      const read = reads.get(key) ?? tasks.listTasks(filter);
      reads.set(key, read, { noUpdateTTL: true });
      return read;
    },
  };
}

function resumeFrom(request: FastifyRequest): Date | null {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return null;
  const at = Timestamp.safeParse(header);
  if (at.success) return new Date(at.data);
  throw new RequestInvalidError('header', [{ path: 'last-event-id', message: 'it is not an id of this stream' }]);
}

async function* follow(
  services: Omit<ListStreamServices, 'tasks'> & { readonly tasks: PollReads },
  reader: ListReader,
  since: Date | null,
  abort: AbortSignal,
): AsyncGenerator<string> {
  for await (const change of services.listWatch.changes(since, abort)) {
    if (!(await isStillAuthorised(reader.request, services.authenticator))) return;
    yield* eventsOf(services.tasks, reader, change);
    // Also when nothing changed: the reader sees that the stream lives, and proxies keep the connection.
    yield event('checked', change.at, { at: change.at });
  }
}

async function* eventsOf(tasks: PollReads, reader: ListReader, { at, ids }: ListChange): AsyncGenerator<string> {
  const visible = visibleTo(principalOf(reader.request));
  const seen = visible ? { visible } : {};
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const some = ids.slice(from, from + IDS_AT_ONCE);
    const found = await readSummaries(tasks, at, { filter: { ...reader.filter, ...seen }, ids: some });
    for (const task of found) {
      const json = JSON.stringify(task);
      if (reader.sent.get(task.id) === json) continue;
      reader.sent.set(task.id, json);
      yield event('task', at, task);
    }
    const kept = new Set(found.map(({ id }) => id));
    const others = some.filter((id) => !kept.has(id));
    if (others.length === 0 || Object.keys(reader.filter).length === 0) continue;
    // The reader is not told of a task that it may not see, not even that it changed.
    for (const { id } of await readSummaries(tasks, at, { filter: seen, ids: others })) {
      if (reader.sent.get(id) === '') continue;
      reader.sent.set(id, '');
      yield event('left', at, { id });
    }
  }
}

async function readSummaries(
  tasks: PollReads,
  pollAt: string,
  { filter, ids }: { readonly filter: Omit<TaskFilter, 'limit'>; readonly ids: readonly TaskId[] },
): Promise<TaskSummary[]> {
  return (await tasks.listTasks(pollAt, { ...filter, ids, limit: IDS_AT_ONCE })).map(summaryOf);
}

function event(name: string, id: string, data: object): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
