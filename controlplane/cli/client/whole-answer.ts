import { OperationalError } from '../../../shared/model/error.ts';
import { failureReason } from './failure-reason.ts';
import { isChange, remedyOfLost, type SentRequest } from './after-lost-answer.ts';

const EVENT_STREAM = 'text/event-stream';

export function isEventStream(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith(EVENT_STREAM) ?? false;
}

/**
 * Reads the body of an answer to its end, so that an answer which breaks off is told from everything that a caller may do with
 * its body. A stream of events is left to its reader, which goes on where it was. Throws CONTROL_PLANE_UNREACHABLE.
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

/** Every change is answered with JSON, or with nothing. What reads is asked for JSON where it is expected. */
function checkJson(request: SentRequest, body: ArrayBuffer): void {
  if (body.byteLength === 0) return;
  try {
    JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw foreignAnswer(request, 'is no JSON', cause);
  }
}

/** The answer of a server whose connection broke, or was cut, before its end. */
export function brokenOff(request: SentRequest, cause: unknown): OperationalError {
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `The answer of the control plane at ${new URL(request.url).origin} broke off: ${failureReason(cause) || 'the connection was lost'}`,
    remedy: remedyOfLost(request),
    cause,
  });
}

/** A request that was sent, and to which no answer came. */
export function unanswered(request: SentRequest, cause: unknown): OperationalError {
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `The connection to the control plane at ${new URL(request.url).origin} was lost before its answer came: ${failureReason(cause) || 'the connection was lost'}`,
    remedy: remedyOfLost(request),
    cause,
  });
}

/** An answer that is not what this program asked for, so that it is of a proxy or of another program, or broke off. */
export function foreignAnswer(request: SentRequest, what: string, cause?: unknown): OperationalError {
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `The answer from ${new URL(request.url).origin} ${what}, so it broke off, or it is of a proxy or another program`,
    remedy: isChange(request)
      ? remedyOfLost(request)
      : 'Try again; if it lasts, check --server and any proxy in between',
    cause,
  });
}
