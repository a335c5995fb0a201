import { messageOf, OperationalError } from '../../../shared/model/error.ts';

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
    throw brokenOff(request.url, cause, request.method);
  });
  return new Response(body, { status, statusText, headers });
}

/** The answer of a server whose connection broke, or was cut, before its end. */
export function brokenOff(url: string, cause: unknown, method = 'GET'): OperationalError {
  // fetch throws "terminated" and keeps the reason ("other side closed" …) in its cause.
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `The answer of the control plane at ${new URL(url).origin} broke off: ${messageOf(reason) || 'the connection was lost'}`,
    remedy:
      method === 'GET'
        ? 'Try again; if it lasts, look at the server and at any proxy in between'
        : 'What was asked for may have been done: look whether it was before you try again',
    cause,
  });
}

/** An answer that is not what this program asked for, so that it is of a proxy or of another program, or broke off. */
export function foreignAnswer(url: string, what: string, cause?: unknown): OperationalError {
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `The answer from ${new URL(url).origin} ${what}, so it broke off, or it is of a proxy or another program`,
    remedy: 'Try again; if it lasts, check --server and any proxy in between',
    cause,
  });
}
