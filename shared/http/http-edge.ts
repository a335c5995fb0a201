import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { OperationalErrorCode } from '../model/error.ts';
import { PROBLEM_TYPE, problemDetails, type ProblemDetails } from './problem-details.ts';
import { parseRequestTarget } from './request-target.ts';

// Node answers some requests by itself, with a status and without an explanation. A server with this edge answers them in its
// usual form.

/** Options for `createServer`. Node's own refusal of a request without Host has no body, so `formRefusal` refuses it instead. */
export const EDGE_OPTIONS = { requireHostHeader: false } as const;

/** `Allow` for the server as a whole (`OPTIONS *`), and beside a method that no path has. */
export const SERVER_METHODS = 'DELETE, GET, HEAD, OPTIONS, POST, PUT';

interface EdgeRefusal {
  readonly status: 400 | 405 | 408 | 413 | 415 | 417 | 431;
  readonly code: OperationalErrorCode;
  readonly message: string;
}

export interface HttpEdge {
  /** Listener for Node's event `clientError`: bytes that are not a request, or a request that did not arrive in time. */
  readonly answerClientError: (error: Error & { readonly code?: string }, socket: Duplex) => void;
  /** Adds handlers for requests that would otherwise reach none. */
  readonly attach: (server: Server) => void;
}

export function createHttpEdge(createRequestId: () => string): HttpEdge {
  /** The answers under way, by connection. */
  const answers = new WeakMap<Duplex, Set<ServerResponse>>();
  const refuse = (socket: Duplex, refusal: EdgeRefusal): void => {
    if (socket.destroyed) return;
    const open = [...(answers.get(socket) ?? [])];
    // After an answer has begun, a second answer would be read as part of the first one's body.
    if (!socket.writable || open.some((one) => one.headersSent)) return void socket.destroy();
    // Before the answer to an earlier complete request, this answer would be mistaken for it.
    const owed = open.findLast(({ req }) => req.complete);
    if (owed) return void owed.once('close', () => refuse(socket, refusal));
    const body = JSON.stringify(problemDetails({ ...refusal, requestId: createRequestId() }));
    socket.end(`${headOf(refusal, body)}\r\n\r\n${body}`);
  };
  return {
    answerClientError: (error, socket) => {
      if (error.code !== 'ECONNRESET') refuse(socket, refusalOf(error.code)); // else nobody is there to be answered
    },
    attach: (server) => {
      server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
        const { socket } = response;
        if (!socket) return;
        const open = answers.get(socket) ?? new Set();
        answers.set(socket, open.add(response));
        response.once('close', () => open.delete(response));
      });
      server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
        const message = `The request expects "${shown(request.headers.expect)}", which this server does not know. Send it without Expect, or with "100-continue".`;
        answerProblem(response, { status: 417, code: 'REQUEST_INVALID', message }, createRequestId());
      });
      server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
        refuse(socket, {
          status: 405,
          code: 'METHOD_NOT_ALLOWED',
          message: 'CONNECT is not possible: this server is no proxy. Ask it for its paths.',
        }),
      );
    },
  };
}

/**
 * Returns why a request that Node could parse is invalid by RFC 9112 (3.2), or has a body that this server does not decode; null
 * when it is valid. `url` is the target as it was sent.
 */
export function formRefusal({
  method,
  url,
  httpVersion,
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'headers' | 'rawHeaders'>): EdgeRefusal | null {
  if (parseRequestTarget(method, url).kind === 'none') {
    const message = `${method} does not go with the target "${shown(url)}". Send a path that begins with "/"; "*" is for OPTIONS alone.`;
    return { status: 400, code: 'REQUEST_INVALID', message };
  }
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts === 1 || (hosts === 0 && httpVersion === '1.0')) return codingRefusal(headers);
  const what = hosts === 0 ? 'no header Host' : `${hosts} headers Host`;
  return {
    status: 400,
    code: 'REQUEST_INVALID',
    message: `The request has ${what}. Send one with the name of this server.`,
  };
}

/** RFC 9110, 15.5.16. Without it, a compressed body would be refused as text that nobody can read. */
function codingRefusal(headers: IncomingMessage['headers']): EdgeRefusal | null {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!hasBody || coding === '' || coding === 'identity') return null;
  const message = `The body is encoded with "${shown(coding)}", which this server does not decode. Send it as it is, without Content-Encoding.`;
  return { status: 415, code: 'REQUEST_INVALID', message };
}

/** Headers that belong to a refusal: RFC 9110 wants the codings that are decoded with a 415. */
export function refusalHeaders({ status }: { readonly status: number }): Readonly<Record<string, string>> {
  return status === 415 ? { 'accept-encoding': 'identity' } : {};
}

/** Answers in the form of the API. */
export function answerProblem(
  response: ServerResponse,
  refusal: Omit<EdgeRefusal, 'status'> & { readonly status: number },
  requestId: string,
): void {
  const body: ProblemDetails = problemDetails({ ...refusal, requestId });
  const text = JSON.stringify(body);
  response
    .writeHead(refusal.status, {
      'content-type': PROBLEM_TYPE,
      'content-length': Buffer.byteLength(text),
      ...refusalHeaders(refusal),
    })
    .end(text);
}

function headOf({ status, code }: EdgeRefusal, body: string): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    // RFC 9110, 15.5.6: a 405 lists the allowed methods, here those of any path.
    ...(code === 'METHOD_NOT_ALLOWED' ? [`allow: ${SERVER_METHODS}`] : []),
    'connection: close',
  ].join('\r\n');
}

function shown(text = ''): string {
  return text.slice(0, 100);
}

/** `code` is the error code of Node's HTTP server (event clientError) or of its parser. */
function refusalOf(code: string | undefined): EdgeRefusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const message = 'The request did not come as a whole within a minute. Send it faster, or less at once.';
    return { status: 408, code: 'REQUEST_INVALID', message };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = 'The headers of the request are larger than this server takes. Send fewer or shorter ones.';
    return { status: 431, code: 'REQUEST_TOO_LARGE', message };
  }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    const message = 'A chunk of the body has longer extensions than this server takes. Send it without them.';
    return { status: 413, code: 'REQUEST_TOO_LARGE', message };
  }
  const message = 'The request cannot be read as HTTP. Send HTTP/1.1, and look at proxies in between.';
  return { status: 400, code: 'REQUEST_INVALID', message };
}
