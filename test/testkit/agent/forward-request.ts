import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A request of an agent on its way. */
export interface SignalRequest {
  readonly target: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Forwarded {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

// Headers of one connection, which say nothing on the next one.
const OF_CONNECTION = new Set(['connection', 'host', 'keep-alive', 'transfer-encoding', 'content-length']);

/** Sends the request on, unchanged, and returns its answer. Throws when nobody answers. */
export async function forward({ target, headers, body }: SignalRequest): Promise<Forwarded> {
  const call = request(target, {
    method: 'POST',
    headers: { ...withoutConnection(headers), 'content-length': body.length },
  });
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const answer = await buffer(response);
  return { status: response.statusCode ?? 0, headers: withoutConnection(response.headers), body: answer };
}

function withoutConnection(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_CONNECTION.has(name)));
}
