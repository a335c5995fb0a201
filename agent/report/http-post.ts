import { messageOf } from '../../shared/model/error.ts';

// Nothing the control plane answers to an agent is longer; a proxy's error page is cut here.
const MAX_ANSWER_BYTES = 64 * 1024;

/** What came back: an HTTP answer, or nothing. */
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
 * One POST, answered or lost; never rejects. Node's own fetch and not undici, whose loading costs an agent 120 ms.
 * Redirects are answers like any other: a signature or a token must not follow them elsewhere.
 */
export async function postOnce(post: HttpPost, signal: AbortSignal): Promise<HttpAnswer> {
  const giveUp = new AbortController();
  const onAbort = (): void => giveUp.abort(new Error('stopped'));
  if (signal.aborted) return { kind: 'lost', why: 'stopped' };
  // Not AbortSignal.any: a request every few seconds for a day would leave as many entries on a signal that lives on.
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => giveUp.abort(new Error(`no answer within ${post.timeoutMs} ms`)), post.timeoutMs);
  try {
    const response = await fetch(post.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...post.headers },
      body: post.body,
      redirect: 'manual',
      signal: giveUp.signal,
    });
    const text = await readBounded(response);
    const { headers, status } = response;
    return { kind: 'answer', status, text, retryAfter: headers.get('retry-after'), date: headers.get('date') };
  } catch (error) {
    return { kind: 'lost', why: reasonOf(error) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

async function readBounded(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= MAX_ANSWER_BYTES) break; // leaving the loop cancels the rest
  }
  return Buffer.concat(pieces).subarray(0, MAX_ANSWER_BYTES).toString();
}

/** fetch says "fetch failed" and hides the reason in `cause`. Neither holds the address, which is half a secret. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return messageOf(cause ?? error);
}

/** The JSON object in an answer, or undefined: a proxy in between may answer anything. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON is an answer without fields, and the status says the rest
  }
}
