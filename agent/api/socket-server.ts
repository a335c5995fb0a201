import { chmodSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { OperationalError, messageOf, type OperationalErrorCode } from '../../shared/model/error.ts';
import type { Log } from '../../shared/system/log.ts';
import { makeOwnDirectory, makeOwnPath } from '../system/make-own-path.ts';
import { readBounded } from '../../shared/http/read-bounded.ts';
import type { AgentRoutes, Call } from './agent-routes.ts';

/** Bounds a command with its environment and input. Files have no such bound, because they are streamed. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Gives each of our errors its HTTP status. An error that is not in this table is a failure of the agent. */
const STATUS: Partial<Record<OperationalErrorCode, number>> = {
  REQUEST_INVALID: 400,
  ROUTE_UNKNOWN: 404,
  PROCESS_UNKNOWN: 404,
  FILE_REFUSED: 422,
  PROCESS_CONFLICT: 409,
  AGENT_STOPPING: 410,
  AGENT_NOT_ALLOWED: 403,
  DISK_UNREADABLE: 503,
};

export interface ApiServer {
  close(): Promise<void>;
}

/**
 * Serves HTTP on a Unix socket. Every caller is trusted: the way to the socket is SSH with the enrolment's client key,
 * and inside the container only root, or the agent's own user, may enter its directory.
 */
export async function startApiServer(socketPath: string, routes: AgentRoutes, log: Log): Promise<ApiServer> {
  claimSocket(socketPath);
  const server = createServer((request, response) => {
    void serve(request, response, routes, log);
  });
  // Off, because a followed output is silent for as long as the build is.
  server.requestTimeout = 0;
  server.timeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Makes the directory for root only, and removes what an earlier agent left. */
function claimSocket(socketPath: string): void {
  const directory = dirname(socketPath);
  makeOwnDirectory(directory, 0o700);
  const { uid } = statSync(directory);
  const ownUid = process.getuid?.() ?? uid;
  if (uid !== ownUid) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The directory ${directory} of the agent's socket belongs to the user ${uid} and not to ${ownUid}`,
      remedy: 'Remove it, or set [api] socket in config.ini to a path of another directory',
    });
  }
  makeOwnPath(socketPath, () => rmSync(socketPath, { force: true }));
}

async function serve(request: IncomingMessage, response: ServerResponse, routes: AgentRoutes, log: Log): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const call = callOf(request, gone.signal);
    const answer = await routes(call);
    if (answer.kind === 'json') return answerJson(response, answer.status, answer.body);
    response.writeHead(200, { 'content-type': 'application/octet-stream', ...answer.headers });
    for await (const data of answer.body) {
      if (gone.signal.aborted) break;
      if (!response.write(data)) await drained(response);
    }
    return void response.end();
  } catch (error) {
    if (!(error instanceof OperationalError)) log.error({ error, path: request.url }, 'agent API call failed');
    return answerError(response, error);
  }
}

/** Resolves on `close` too: a reader that went away never drains. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}

function callOf(request: IncomingMessage, abort: AbortSignal): Call {
  const url = URL.parse(request.url ?? '/', 'http://agent');
  if (!url) throw invalid(`The path "${request.url}" cannot be read`);
  return {
    method: request.method ?? 'GET',
    segments: url.pathname.split('/').slice(1).map(decodeSegment),
    query: url.searchParams,
    abort,
    stream: request,
    json: () => readJson(request),
  };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw invalid(`The path segment "${segment}" is not percent-encoded text`, cause);
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const { bytes, isWhole } = await readBounded(request, MAX_BODY_BYTES);
  if (!isWhole) throw invalid(`The body is larger than ${MAX_BODY_BYTES} bytes`);
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (cause) {
    throw invalid(`The body is not JSON: ${messageOf(cause)}`, cause);
  }
}

function invalid(happened: string, cause?: unknown): OperationalError {
  return new OperationalError('REQUEST_INVALID', { happened, remedy: 'Send what the agent API describes', cause });
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}

/**
 * Answers `{code, message}`. An answer that has started is broken off instead, so that no caller takes the half for the
 * whole.
 */
function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const code = error instanceof OperationalError ? error.code : 'AGENT_API_FAILED';
  answerJson(response, (error instanceof OperationalError && STATUS[error.code]) || 500, {
    code,
    message: messageOf(error),
  });
}
