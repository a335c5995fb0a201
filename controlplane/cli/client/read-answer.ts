import { OperationalError } from '../../../shared/model/error.ts';
import { failureReason } from './failure-reason.ts';
import { isChange, remedyOfLost, type SentRequest } from './lost-answer.ts';

const EVENT_STREAM = 'text/event-stream';

export function isEventStream(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith(EVENT_STREAM) ?? false;
}

/**
 * Reads the body of an answer to its end, so that a broken answer is reported here and not as an error of the code that parses
 * it. A stream of events is not read, because its reader can resume. Throws CONTROL_PLANE_UNREACHABLE.
 */
export async function readWhole(request: Request, answer: Response): Promise<Response> {
  if (answer.body === null || isEventStream(answer)) return answer;
  const { status, statusText, headers } = answer;
  const body = await answer.arrayBuffer().catch((cause: unknown) => {
    throw brokenOff(request, cause);
  });
  if (answer.ok && request.method !== 'GET') checkJson(request, body);
  return new Response(body, { status, statusText, headers });
}

/** Throws when the answer to a change is neither JSON nor empty. Answers to GET are checked where JSON is expected. */
function checkJson(request: SentRequest, body: ArrayBuffer): void {
  if (body.byteLength === 0) return;
  try {
    JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw unexpectedAnswer(request, 'is no JSON', cause);
  }
}

/** Returns the error for an answer whose connection broke before its end. */
export function brokenOff(request: SentRequest, cause: unknown): OperationalError {
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `The answer of the control plane at ${new URL(request.url).origin} broke off: ${failureReason(cause) || 'the connection was lost'}`,
    remedy: remedyOfLost(request),
    cause,
  });
}

/** Returns the error for a request that was sent and got no answer. */
export function unanswered(request: SentRequest, cause: unknown): OperationalError {
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `The connection to the control plane at ${new URL(request.url).origin} was lost before its answer came: ${failureReason(cause) || 'the connection was lost'}`,
    remedy: remedyOfLost(request),
    cause,
  });
}

/** Returns the error for an answer that Wip would not send: it comes from a proxy or another program, or broke off. */
export function unexpectedAnswer(request: SentRequest, what: string, cause?: unknown): OperationalError {
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `The answer from ${new URL(request.url).origin} ${what}, so it broke off, or it is of a proxy or another program`,
    remedy: isChange(request)
      ? remedyOfLost(request)
      : 'Try again; if it lasts, check --server and any proxy in between',
    cause,
  });
}
