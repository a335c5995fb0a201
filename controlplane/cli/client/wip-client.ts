import { PingAnswer } from '../../api/health/health-views.ts';
import { AttemptsAnswer, type AttemptDetail } from '../../api/tasks/task-detail-views.ts';
import {
  LogPage,
  OUTPUT_HEADER,
  OutputPage,
  TranscriptAnswer,
  type LogView,
  type StepView,
} from '../../api/tasks/recording/task-recording-views.ts';
import { QueueView } from '../../api/queue/queue-views.ts';
import { TaskPage, TaskView, type TaskRank } from '../../api/tasks/task-views.ts';
import type { SubmitBody } from '../../api/tasks/submit/submit-body.ts';
import { SealedValueAnswer } from '../../api/secrets/secret-views.ts';
import { createApi } from './api.ts';
import type { Connection } from './find-connection.ts';
import { brokenOff, isEventStream, unexpectedAnswer } from './read-answer.ts';
import { readServerSentEvents, type ServerSentEvent } from '../server-sent-events.ts';

export type TaskAction = 'terminate' | 'pause' | 'resume' | 'restart';

export interface OutputRead {
  readonly data: Uint8Array;
  readonly nextOffset: number;
  readonly omittedBytes: number;
}

export interface OutputRange {
  /** Only pieces with a greater id. */
  readonly after?: number;
  /** The last pieces before this one. */
  readonly before?: number;
  /** ISO 8601. */
  readonly since?: string;
  readonly limit?: number;
}

/** The task routes of the API. Throws ServerRefusal for an error answer and CONTROL_PLANE_UNREACHABLE without an answer. */
export interface WipClient {
  readonly url: string;
  /** Asks for the version of the server, its time and its number of tasks by status. */
  ping(): Promise<PingAnswer>;
  addTask(body: SubmitBody): Promise<TaskView>;
  /** `query` has the parameters of the API: status, group, cursor, limit. */
  listTasks(query: Readonly<Record<string, string>>): Promise<TaskPage>;
  findTask(id: number): Promise<TaskView>;
  /** What has to happen before the task starts or goes on, and when that is expected. */
  readQueue(id: number): Promise<QueueView>;
  listAttempts(id: number): Promise<readonly AttemptDetail[]>;
  act(id: number, action: TaskAction): Promise<TaskView>;
  prioritise(id: number, priority: TaskRank): Promise<TaskView>;
  /** Returns the text to put behind `secure:` in a build file. */
  seal(value: string): Promise<string>;
  readSteps(id: number): Promise<readonly StepView[]>;
  readLogs(id: number): Promise<readonly LogView[]>;
  readOutput(id: number, stream: 'stdout' | 'stderr', offset: number): Promise<OutputRead>;
  /** A page of the output of both streams, in one order. */
  readPieces(id: number, range: OutputRange): Promise<OutputPage>;
  /** Opens the task's event stream after the event `lastEventId`. Ends when the connection does, or `abort` aborts. */
  openStream(id: number, lastEventId: string, abort: AbortSignal): AsyncGenerator<ServerSentEvent>;
}

/** The largest page that the API returns. */
const PAGE = 1_000;

export function createWipClient(connection: Connection): WipClient {
  const { url, routes, ask } = createApi(connection);
  const of = (id: number) => ({ params: { path: { id } } });
  const pageOf = (id: number, after: number) => ({ params: { path: { id }, query: { limit: PAGE, after } } });

  const actions = {
    terminate: (id: number) => routes.PUT('/v1/tasks/{id}/terminate', of(id)),
    pause: (id: number) => routes.PUT('/v1/tasks/{id}/pause', of(id)),
    resume: (id: number) => routes.DELETE('/v1/tasks/{id}/pause', of(id)),
    restart: (id: number) => routes.PUT('/v1/tasks/{id}/restart', of(id)),
  } satisfies Record<TaskAction, unknown>;

  /** Reads all pages of a recording, one after the other. */
  async function readAll<Item>(
    read: (after: number) => Promise<Item[]>,
    numberOf: (item: Item) => number,
  ): Promise<Item[]> {
    const all: Item[] = [];
    for (;;) {
      const last = all.at(-1);
      const page = await read(last ? numberOf(last) : 0);
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }

  return {
    url,
    ping: () => ask(PingAnswer, routes.GET('/v1/ping')),
    addTask: (body) => ask(TaskView, routes.POST('/v1/tasks', { body })),
    listTasks: (query) => ask(TaskPage, routes.GET('/v1/tasks', { params: { query } })),
    findTask: (id) => ask(TaskView, routes.GET('/v1/tasks/{id}', of(id))),
    readQueue: (id) => ask(QueueView, routes.GET('/v1/tasks/{id}/queue', of(id))),
    listAttempts: async (id) => (await ask(AttemptsAnswer, routes.GET('/v1/tasks/{id}/attempts', of(id)))).attempts,
    act: (id, action) => ask(TaskView, actions[action](id)),
    prioritise: (id, priority) =>
      ask(TaskView, routes.PUT('/v1/tasks/{id}/priority', { ...of(id), body: { priority } })),
    seal: async (value) => (await ask(SealedValueAnswer, routes.POST('/v1/encrypt', { body: { value } }))).secure,
    readSteps: (id) =>
      readAll(
        async (after) =>
          (await ask(TranscriptAnswer, routes.GET('/v1/tasks/{id}/transcript', pageOf(id, after)))).steps,
        (step) => step.number,
      ),
    readLogs: (id) =>
      readAll(
        async (after) => (await ask(LogPage, routes.GET('/v1/tasks/{id}/logs', pageOf(id, after)))).logs,
        (log) => log.id,
      ),
    async readOutput(id, stream, offset) {
      const params = { path: { id }, query: { stream, offset } };
      const answer = await routes.GET('/v1/tasks/{id}/output', { params, parseAs: 'arrayBuffer' });
      return {
        data: new Uint8Array(answer.data ?? new ArrayBuffer()),
        nextOffset: Number(answer.response.headers.get(OUTPUT_HEADER.nextOffset)),
        omittedBytes: Number(answer.response.headers.get(OUTPUT_HEADER.omittedBytes)),
      };
    },
    readPieces: (id, range) => {
      const params = { path: { id }, query: { stream: 'all' as const, ...range } };
      return ask(OutputPage, routes.GET('/v1/tasks/{id}/output', { params }));
    },
    async *openStream(id, lastEventId, abort) {
      const header = lastEventId === '' ? {} : { 'last-event-id': lastEventId };
      const params = { path: { id }, header };
      const asked = routes.GET('/v1/tasks/{id}/stream', { params, parseAs: 'stream', signal: abort });
      const { data, response } = await asked;
      if (!data || !isEventStream(response)) throw unexpectedAnswer({ method: 'GET', url }, 'is no stream of events');
      try {
        yield* readServerSentEvents(data, abort);
      } catch (cause) {
        throw brokenOff({ method: 'GET', url }, cause);
      }
    },
  };
}
