import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { messageOf } from '../../shared/model/error.ts';
import { readBounded } from '../../shared/http/read-bounded.ts';

// No answer of the control plane to an agent is longer. A proxy's error page is cut here.
const MAX_ANSWER_BYTES = 64 * 1024;

/** Result of a request: an HTTP answer, or none. */
export type HttpAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly text: string;
      readonly retryAfter: string | null;
      /** The server's clock, for a client whose own is wrong. */
      readonly date: string | null;
    }
  | { readonly kind: 'lost'; readonly why: string };

export interface HttpPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer<ArrayBuffer>;
  readonly timeoutMs: number;
}

/**
 * One POST, answered or lost; never rejects. node:http and neither undici nor fetch, which is undici too: they cost
 * 17 MB of resident memory and 60 ms of the start (2026-11), and node:http is here for the agent API anyway.
 * Redirects are answers like any other: a signature or a token must not follow them elsewhere.
 */
export async function postOnce(post: HttpPost, abort: AbortSignal): Promise<HttpAnswer> {
  const send = post.url.protocol === 'https:' ? (await import('node:https')).request : request;
  if (abort.aborted) return { kind: 'lost', why: 'stopped' };
  const headers = { 'content-type': 'application/json', ...post.headers, 'content-length': post.body.length };
  let call: ClientRequest;
  try {
    call = send(post.url, { method: 'POST', headers });
  } catch (error) {
    // The address or a header is impossible. Without this the lanes would try again without a pause.
    return { kind: 'lost', why: reasonOf(error) };
  }
  const onAbort = (): void => void call.destroy(new Error('stopped'));
  abort.addEventListener('abort', onAbort, { once: true });
  // Until the whole answer is here; the timeout of node:http only bounds silence.
  const noAnswer = new Error(`no answer within ${post.timeoutMs} ms`);
  const timer = setTimeout(() => call.destroy(noAnswer), post.timeoutMs);
  try {
    const response = await responseTo(call, post.body);
    const { bytes } = await readBounded(response, MAX_ANSWER_BYTES);
    const { headers, statusCode = 0 } = response;
    const { date = null, 'retry-after': retryAfter = null } = headers;
    return { kind: 'answer', status: statusCode, text: bytes.toString(), retryAfter, date };
  } catch (error) {
    return { kind: 'lost', why: reasonOf(error) };
  } finally {
    clearTimeout(timer);
    abort.removeEventListener('abort', onAbort);
  }
}

function responseTo(call: ClientRequest, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // This listener stays: a connection that breaks later is told here as well as to the reader of the answer.
    call.on('error', reject);
    call.once('response', resolve);
    call.end(body);
  });
}

/** The code where there is one: the message holds the address, which is half a secret. */
function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
}
