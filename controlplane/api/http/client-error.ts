import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import type { OperationalErrorCode } from '../../../shared/model/error.ts';
import { problemType, type ErrorAnswer } from './error-answer.ts';

interface Refused {
  readonly status: 400 | 408 | 431;
  readonly code: OperationalErrorCode;
  readonly message: string;
}

/** Answers what Node could not read as a request, in the form of every other refusal, and closes the connection. */
export function answerClientError(
  error: Error & { readonly code?: string },
  socket: Pick<Socket, 'destroyed' | 'writable' | 'end' | 'destroy'>,
  createRequestId: () => string,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return; // nobody is there to be answered
  if (!socket.writable) return void socket.destroy();
  const { status, code, message } = refusedOf(error.code);
  const words = STATUS_CODES[status] ?? '';
  const answer = JSON.stringify({
    ...problemType(code),
    status,
    detail: message,
    code,
    message,
    requestId: createRequestId(),
  } satisfies ErrorAnswer);
  const head = [
    `HTTP/1.1 ${status} ${words}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(answer)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${answer}`);
}

/** `code` is of Node's HTTP server (event clientError) or of its parser. */
function refusedOf(code: string | undefined): Refused {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const message = 'The request did not come as a whole within a minute. Send it faster, or less at once.';
    return { status: 408, code: 'REQUEST_INVALID', message };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = 'The headers of the request are larger than this server takes. Send fewer or shorter ones.';
    return { status: 431, code: 'REQUEST_TOO_LARGE', message };
  }
  const message = 'The request cannot be read as HTTP. Send HTTP/1.1, and look at proxies in between.';
  return { status: 400, code: 'REQUEST_INVALID', message };
}
