import { noteAnswer, noteSilence } from './connection.ts';

/** What the server answered instead of what was asked for. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;

  constructor(status: number, answer: { code?: string; message?: string; requestId?: string }) {
    super(answer.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = answer.code ?? 'INTERNAL';
    this.requestId = answer.requestId ?? null;
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

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Throws RequestRefused when the server refuses, and TypeError when it cannot be reached. */
export async function send(
  method: Method,
  path: string,
  { body, signal, headers }: { body?: unknown; signal?: AbortSignal; headers?: Record<string, string> } = {},
): Promise<Response> {
  const csrfToken = credentials.csrfToken();
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(csrfToken !== undefined && method !== 'GET' && { 'wip-csrf-token': csrfToken }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (!signal?.aborted) noteSilence();
    throw error;
  }
  noteAnswer();
  if (response.ok) return response;
  if (response.status === 401 && path !== '/v1/session') credentials.onUnauthorised();
  throw new RequestRefused(response.status, await errorOf(response));
}

export async function requestJson<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, { ...(body !== undefined && { body }) });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function errorOf(response: Response): Promise<{ code?: string; message?: string; requestId?: string }> {
  try {
    return (await response.json()) as { code?: string; message?: string; requestId?: string };
  } catch {
    return {}; // a proxy's page: the status is all there is
  }
}
