import { z } from 'zod';
import { AttemptsAnswer, type AttemptDetail } from '../../api/tasks/task-detail-views.ts';
import type { SubmitBody } from '../../api/tasks/task-routes.ts';
import {
  LogPage,
  OUTPUT_HEADER,
  TaskPage,
  TaskView,
  TranscriptAnswer,
  type LogView,
  type StepView,
  type TaskRank,
} from '../../api/tasks/task-views.ts';
import { createApi, unreachable } from './api.ts';
import type { Connection } from './find-connection.ts';
import { readServerSentEvents, type ServerSentEvent } from '../server-sent-events.ts';

export type TaskAction = 'terminate' | 'pause' | 'resume' | 'restart';

export interface OutputRead {
  readonly data: Uint8Array;
  readonly nextOffset: number;
  readonly omittedBytes: number;
}

/** The task routes of the API. Throws ServerRefusal for an error answer and CONTROL_PLANE_UNREACHABLE for none. */
export interface WipClient {
  readonly url: string;
  addTask(body: SubmitBody): Promise<TaskView>;
  /** `query` has the parameters of the API: status, group, cursor, limit. */
  listTasks(query: Readonly<Record<string, string>>): Promise<TaskPage>;
  findTask(id: number): Promise<TaskView>;
  listAttempts(id: number): Promise<readonly AttemptDetail[]>;
  act(id: number, action: TaskAction): Promise<TaskView>;
  prioritise(id: number, priority: TaskRank): Promise<TaskView>;
  /** Returns the text to put behind `secure:` in a build file. */
  seal(value: string): Promise<string>;
  readSteps(id: number): Promise<readonly StepView[]>;
  readLogs(id: number): Promise<readonly LogView[]>;
  readOutput(id: number, stream: string, offset: number): Promise<OutputRead>;
  /** Opens the task's event stream after the event `lastEventId`. Ends when the connection does. */
  openStream(id: number, lastEventId: string, abort: AbortSignal): AsyncGenerator<ServerSentEvent>;
}

const ACTIONS: Record<TaskAction, readonly [method: string, path: string]> = {
  terminate: ['PUT', 'terminate'],
  pause: ['PUT', 'pause'],
  resume: ['DELETE', 'pause'],
  restart: ['PUT', 'restart'],
};
/** The largest page that the API returns. */
const PAGE = 1_000;

export function createWipClient(connection: Connection): WipClient {
  const { url, request, ask } = createApi(connection);

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
    addTask: (body) => ask(TaskView, 'POST', 'tasks', body),
    listTasks: (query) => ask(TaskPage, 'GET', `tasks?${new URLSearchParams(query).toString()}`),
    findTask: (id) => ask(TaskView, 'GET', `tasks/${id}`),
    listAttempts: async (id) => (await ask(AttemptsAnswer, 'GET', `tasks/${id}/attempts`)).attempts,
    act: (id, action) => {
      const [method, path] = ACTIONS[action];
      return ask(TaskView, method, `tasks/${id}/${path}`);
    },
    prioritise: (id, priority) => ask(TaskView, 'PUT', `tasks/${id}/priority`, { priority }),
    seal: async (value) => (await ask(z.object({ secure: z.string() }), 'POST', 'encrypt', { value })).secure,
    readSteps: (id) =>
      readAll(
        async (after) =>
          (await ask(TranscriptAnswer, 'GET', `tasks/${id}/transcript?limit=${PAGE}&after=${after}`)).steps,
        (step) => step.number,
      ),
    readLogs: (id) =>
      readAll(
        async (after) => (await ask(LogPage, 'GET', `tasks/${id}/logs?limit=${PAGE}&after=${after}`)).logs,
        (log) => log.id,
      ),
    async readOutput(id, stream, offset) {
      const answer = await request('GET', `tasks/${id}/output?stream=${stream}&offset=${offset}`);
      return {
        data: await answer.bytes(),
        nextOffset: Number(answer.headers.get(OUTPUT_HEADER.nextOffset)),
        omittedBytes: Number(answer.headers.get(OUTPUT_HEADER.omittedBytes)),
      };
    },
    async *openStream(id, lastEventId, abort) {
      const headers = lastEventId === '' ? {} : { 'last-event-id': lastEventId };
      const answer = await request('GET', `tasks/${id}/stream`, { headers, signal: abort });
      if (!answer.body) return;
      try {
        yield* readServerSentEvents(answer.body);
      } catch (cause) {
        throw unreachable(url, cause);
      }
    },
  };
}
