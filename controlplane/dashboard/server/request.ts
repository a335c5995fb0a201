import createClient from 'openapi-fetch';
import type { ErrorAnswer } from '../../api/http/error-answer.ts';
import type { paths } from '../../api/openapi/api-types.ts';
import { noteAnswer, noteSilence } from './connection.ts';

type Answer = Partial<ErrorAnswer>;

/** What the server answered instead of what was asked for. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** What is wrong with each field of what was sent. */
  readonly details: NonNullable<Answer['details']>;

  constructor(status: number, answer: Answer) {
    super(answer.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = answer.code ?? 'INTERNAL';
    this.requestId = answer.requestId ?? null;
    this.details = answer.details ?? [];
  }
}

interface Credentials {
  readonly csrfToken: () => string | undefined;
  /** Called when the server knows the session no more. */
  readonly onUnauthorised: () => void;
}

// Set once by the program, so that this file does not know what a session is.
let credentials: Credentials = { csrfToken: () => undefined, onUnauthorised: () => undefined };

export function setCredentials(given: Credentials): void {
  credentials = given;
}

/** The routes as the OpenAPI document has them: the compiler checks paths, parameters, bodies and answers. */
export const api = createClient<paths>({ baseUrl: '', fetch: exchange });

/** Returns the body of an answer. Throws what `exchange` throws. */
export async function bodyOf<T>(answer: Promise<{ readonly data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined) throw new Error('the answer has no body');
  return data;
}

/** For answers that are no JSON: streams. Throws what `exchange` throws. */
export async function openStream(path: string, lastEventId: string | undefined, stop: AbortSignal): Promise<Response> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  return exchange(new Request(path, { headers, signal: stop }));
}

/** Throws RequestRefused when the server refuses, and TypeError when it cannot be reached. */
async function exchange(request: Request): Promise<Response> {
  const csrfToken = credentials.csrfToken();
  if (csrfToken !== undefined && request.method !== 'GET') request.headers.set('wip-csrf-token', csrfToken);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (!request.signal.aborted) noteSilence();
    throw error;
  }
  noteAnswer();
  if (response.ok) return response;
  if (response.status === 401 && new URL(request.url).pathname !== '/v1/session') credentials.onUnauthorised();
  throw new RequestRefused(response.status, await errorOf(response));
}

async function errorOf(response: Response): Promise<Answer> {
  try {
    return (await response.json()) as Answer;
  } catch {
    return {}; // a proxy's page: the status is all there is
  }
}
