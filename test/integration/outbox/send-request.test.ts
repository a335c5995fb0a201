import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendRequest } from '../../../controlplane/outbox/send-request.ts';
import { serveOnLoopback } from '../../kit/loopback-server.ts';

const GOING = new AbortController().signal;

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = await serveOnLoopback(answer);
  onTestFinished(server.stop);
  return `${server.url}/path?x=1`;
}

const get = (url: string) => ({ method: 'GET', url, headers: {} });

describe('sendRequest', () => {
  it('sends method, path, headers and body as they are, and answers status and body', async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      seen.push(
        `${request.method} ${request.url} ${request.headers['idempotency-key']} ${request.headers['content-type']}`,
      );
      request.on('data', (piece: Buffer) => seen.push(piece.toString()));
      request.once('end', () => response.writeHead(201, { 'retry-after': '7' }).end('made'));
    });
    const headers = { 'Idempotency-Key': 'k1', 'content-type': 'application/json' };
    const outcome = await sendRequest({ method: 'PUT', url, headers, body: '{"a":1}' }, GOING);
    expect(outcome).toEqual({ kind: 'answer', status: 201, retryAfter: '7', body: 'made' });
    expect(seen).toEqual(['PUT /path?x=1 k1 application/json', '{"a":1}']);
  });

  it('does not follow a redirect, which would take its secrets somewhere else', async () => {
    let elsewhere = 0;
    const target = await serve((_request, response) => void response.end(String((elsewhere += 1))));
    const url = await serve((_request, response) => void response.writeHead(307, { location: target }).end());
    expect(await sendRequest(get(url), GOING)).toMatchObject({ kind: 'answer', status: 307 });
    expect(elsewhere).toBe(0);
  });

  it('keeps the first 64 KiB of an answer that does not end', async () => {
    const url = await serve((_request, response) => {
      const write = (): void => {
        while (response.write('x'.repeat(10_000)));
        response.once('drain', write);
      };
      write();
    });
    const outcome = await sendRequest(get(url), GOING);
    expect(outcome.kind === 'answer' && outcome.body.length).toBe(65_536);
  });

  it('knows that a request was never sent when nobody listens, and not when the line breaks later', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    expect(await sendRequest(get(`http://127.0.0.1:${port}/`), GOING)).toMatchObject({
      kind: 'no-answer',
      neverSent: true,
    });
    const unknown = await sendRequest(get('http://nowhere.invalid/'), GOING);
    expect(unknown).toMatchObject({ kind: 'no-answer', neverSent: true });
    const url = await serve((request) => request.socket.destroy());
    expect(await sendRequest(get(url), GOING)).toMatchObject({ kind: 'no-answer', neverSent: false });
  });

  it('gives up at once when the node stops', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort());
    expect(await sendRequest(get(url), stop.signal)).toMatchObject({ kind: 'no-answer', neverSent: false });
  });
});
