import { messageOf } from '../../shared/model/error.ts';
import { readBounded } from '../../shared/support/read-bounded.ts';

/** One HTTP request in the form in which it is sent. */
export interface RequestToSend {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type SendOutcome =
  /** `body`: the first 64 KiB of the body as text. */
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | null; readonly body: string }
  /** `neverSent`: no connection was made, so no receiver can have the request. */
  | { readonly kind: 'no-answer'; readonly neverSent: boolean; readonly message: string };

const TIMEOUT_MS = 20_000;
const MAX_BODY_BYTES = 65_536;
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends once and never throws. A redirect is returned as an answer: the task that sends a secret decides where it
 * goes.
 */
export async function sendRequest(request: RequestToSend, abort: AbortSignal): Promise<SendOutcome> {
  try {
    const answer = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      ...(request.body !== undefined && { body: request.body }),
      redirect: 'manual',
      signal: AbortSignal.any([abort, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const body = answer.body ? (await readBounded(answer.body, MAX_BODY_BYTES)).bytes.toString() : '';
    return { kind: 'answer', status: answer.status, retryAfter: answer.headers.get('retry-after'), body };
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = (reason as { code?: unknown }).code;
    return { kind: 'no-answer', neverSent: NEVER_SENT.has(String(code)), message: messageOf(reason) };
  }
}
