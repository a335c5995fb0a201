import createClient from 'openapi-fetch';
import type { ErrorAnswer } from '../../api/http/error-answer.ts';
import type { paths } from '../../api/openapi/api-types.ts';
import { AWAY_REASON, awaitAnswer, noteAnswer, noteSilence } from './connection.ts';
import { beginRead } from './give-up.ts';

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
  /** Asked when the server refuses a change that was sent with this CSRF token. */
  readonly holderOfCookie: (sentToken: string | undefined) => Promise<CookieHolder>;
}

/** Whose cookie this browser has now; all its tabs have the same. */
export type CookieHolder = 'as before' | 'signed in again' | 'somebody else';

// Set once by the program, so that this file does not know what a session is.
let credentials: Credentials = {
  csrfToken: () => undefined,
  onUnauthorised: () => undefined,
  holderOfCookie: async () => 'as before',
};

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

/** For answers that are no JSON: streams. Throws what `exchange` throws. `stop` ends the stream as well. */
export async function openStream(path: string, lastEventId: string | undefined, stop: AbortSignal): Promise<Response> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const request = new Request(path, { headers, signal: stop });
  return accepted(await answerTo(request, fetch), request);
}

/** The page was of a person who is not signed in any more. */
class SessionReplaced extends Error {
  override readonly name = 'SessionReplaced';
}
const REPLACED = 'Nothing was done: this browser is not signed in any more as who it was, because of another tab.';

/** Nothing was answered; what a browser says of that is for programmers. */
class NodeAway extends Error {
  override readonly name = 'NodeAway';
}

/** Throws RequestRefused when the server refuses, and NodeAway when it does not answer. */
async function exchange(request: Request): Promise<Response> {
  if (request.method === 'GET') return accepted(await answerTo(request, readWhole), request);
  const again = request.clone();
  const sentToken = credentials.csrfToken();
  const response = await change(request, sentToken);
  const holder = response.status === 403 ? await credentials.holderOfCookie(sentToken) : 'as before';
  if (holder === 'somebody else') throw new SessionReplaced(REPLACED);
  return accepted(holder === 'signed in again' ? await change(again, credentials.csrfToken()) : response, request);
}

/** What changes something is not given up: nobody would know whether it was done. */
function change(request: Request, csrfToken: string | undefined): Promise<Response> {
  if (csrfToken !== undefined) request.headers.set('wip-csrf-token', csrfToken);
  return answerTo(request, fetch);
}

/** Reads an answer to its end, until reads are given up. */
async function readWhole(request: Request): Promise<Response> {
  const read = beginRead(request.signal);
  try {
    const response = await fetch(request, { signal: read.signal });
    const { status, statusText, headers } = response;
    const body = await response.arrayBuffer();
    return new Response(body.byteLength === 0 ? null : body, { status, statusText, headers });
  } finally {
    read.end();
  }
}

async function answerTo(request: Request, ask: (request: Request) => Promise<Response>): Promise<Response> {
  const end = awaitAnswer();
  try {
    const response = await ask(request);
    noteAnswer();
    return response;
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    noteSilence();
    throw new NodeAway(AWAY_REASON, { cause });
  } finally {
    end();
  }
}

async function accepted(response: Response, { url }: Request): Promise<Response> {
  if (response.ok) return response;
  if (response.status === 401 && new URL(url).pathname !== '/v1/session') credentials.onUnauthorised();
  throw new RequestRefused(response.status, await errorOf(response));
}

async function errorOf(response: Response): Promise<Answer> {
  try {
    return (await response.json()) as Answer;
  } catch {
    return {}; // a proxy's page: the status is all there is
  }
}
