import { z } from 'zod';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import type { SubmitBody } from '../http/tasks/submit.ts';
import {
  ErrorAnswer,
  LogPage,
  OUTPUT_HEADER,
  TaskPage,
  TaskView,
  TranscriptAnswer,
  type LogView,
  type StepView,
} from '../http/views.ts';
import type { Connection } from './connection.ts';
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';
import { ServerRefusal } from './server-refusal.ts';

export type TaskAction = 'terminate' | 'pause' | 'resume' | 'restart';

export interface OutputRead {
  readonly data: Uint8Array;
  readonly nextOffset: number;
  readonly omittedBytes: number;
}

/** The API as a program sees it. Throws ServerRefusal for an answer and CONTROL_PLANE_UNREACHABLE for none. */
export interface WipClient {
  readonly url: string;
  addTask(body: SubmitBody): Promise<TaskView>;
  /** `query` as the API takes it: status, group, cursor, limit. */
  listTasks(query: Readonly<Record<string, string>>): Promise<TaskPage>;
  findTask(id: number): Promise<TaskView>;
  act(id: number, action: TaskAction): Promise<TaskView>;
  /** The text to put behind `secure:` in a build file. */
  seal(value: string): Promise<string>;
  readSteps(id: number): Promise<readonly StepView[]>;
  readLogs(id: number): Promise<readonly LogView[]>;
  readOutput(id: number, stream: string, offset: number): Promise<OutputRead>;
  /** One connection to the task's stream, from the event after `lastEventId`; ends when the connection does. */
  openStream(id: number, lastEventId: string, signal: AbortSignal): AsyncGenerator<ServerSentEvent>;
}

const ACTIONS: Record<TaskAction, readonly [method: string, path: string]> = {
  terminate: ['PUT', 'terminate'],
  pause: ['PUT', 'pause'],
  resume: ['DELETE', 'pause'],
  restart: ['PUT', 'restart'],
};
/** As many as the API gives at once. */
const PAGE = 1_000;

export function createClient({ url, token }: Connection): WipClient {
  async function request(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) };
    const target = `${url.replace(/\/+$/, '')}/v1/${path}`;
    const answer = await fetch(target, { ...init, method, headers, redirect: 'error' }).catch((cause: unknown) => {
      throw unreachable(url, cause);
    });
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }

  async function ask<T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    init?: RequestInit,
  ): Promise<z.output<T>> {
    const answer = await request(method, path, init);
    const parsed = schema.safeParse(await answer.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw new OperationalError('CONTROL_PLANE_UNREACHABLE', {
      happened: `What answers at ${url} is not a Wip control plane that this program understands`,
      remedy: 'Check --server, and that both have the same version',
      cause: parsed.error,
    });
  }

  /** All pages of a recording, one after the other. */
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
    addTask: (body) =>
      ask(TaskView, 'POST', 'tasks', { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    listTasks: (query) => ask(TaskPage, 'GET', `tasks?${new URLSearchParams(query).toString()}`),
    findTask: (id) => ask(TaskView, 'GET', `tasks/${id}`),
    act: (id, action) => {
      const [method, path] = ACTIONS[action];
      return ask(TaskView, method, `tasks/${id}/${path}`);
    },
    seal: async (value) =>
      (
        await ask(z.object({ secure: z.string() }), 'POST', 'encrypt', {
          body: JSON.stringify({ value }),
          headers: { 'content-type': 'application/json' },
        })
      ).secure,
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
    async *openStream(id, lastEventId, signal) {
      const headers = lastEventId === '' ? {} : { 'last-event-id': lastEventId };
      const answer = await request('GET', `tasks/${id}/stream`, { headers, signal });
      if (!answer.body) return;
      try {
        yield* readServerSentEvents(answer.body);
      } catch (cause) {
        throw unreachable(url, cause);
      }
    },
  };
}

async function refusal(answer: Response): Promise<ServerRefusal> {
  const parsed = ErrorAnswer.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return new ServerRefusal(answer.status, parsed.data.code, parsed.data.message);
  const message = `${new URL(answer.url).origin} answered ${answer.status} ${answer.statusText}, which is not an answer of Wip. Check --server and whatever stands between.`;
  return new ServerRefusal(502, 'CONTROL_PLANE_UNREACHABLE', message); // whatever it says, it is not our server's word
}

function unreachable(url: string, cause: unknown): OperationalError {
  // fetch says "fetch failed" and keeps the reason (ECONNREFUSED …) in its cause.
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `The control plane at ${url} cannot be reached: ${messageOf(reason) || 'the connection failed'}`,
    remedy: 'Start it with "wipctl dev", or check --server and WIP_SERVER',
    cause,
  });
}
