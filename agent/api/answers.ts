import type { ServerResponse } from 'node:http';
import { OperationalError, messageOf, type OperationalErrorCode } from '../../shared/model/error.ts';

/** The one table that gives our errors an HTTP meaning; whatever is not in it is a failure of the agent. */
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

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}

/** `{code, message}`. An answer that has started can only be broken off, so that no caller takes the half for the whole. */
export function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const code = error instanceof OperationalError ? error.code : 'AGENT_API_FAILED';
  answerJson(response, (error instanceof OperationalError && STATUS[error.code]) || 500, {
    code,
    message: messageOf(error),
  });
}
