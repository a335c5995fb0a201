import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSender } from '../../../controlplane/outbox/send-request.ts';
import { parseRepositoryHosts } from '../../../shared/repository/repository-hosts.ts';
import { collectGarbage } from '../../kit/collect-garbage.ts';
import { serveOnLoopback } from '../../kit/network/loopback-server.ts';
import { selfSigned } from '../../kit/network/self-signed.ts';

const GOING = new AbortController().signal;
const hosts = (rules: string) => parseRepositoryHosts(rules, 'outgoing_hosts');
const sendRequest = createSender(hosts(''));

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = await serveOnLoopback(answer);
  onTestFinished(server.stop);
  return `${server.url}/path?x=1`;
}

const get = (url: string) => ({ method: 'GET', url, headers: {} });

describe('a request that is sent', () => {
  it('has method, path, headers and body as they were given, and returns status, headers and body', async () => {
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
    expect(outcome).toEqual({
      kind: 'answer',
      status: 201,
      headers: expect.objectContaining({ 'retry-after': '7' }),
      body: 'made',
      isWhole: true,
    });
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
    expect(outcome).toMatchObject({ kind: 'answer', body: 'x'.repeat(65_536), isWhole: false });
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

  it('ends after its time although its receiver falls silent and memory was cleared meanwhile', async () => {
    const begun = Promise.withResolvers<void>();
    const url = await serve((_request, response) => {
      response.write('a beginning');
      begun.resolve();
    });
    const outcome = createSender(hosts(''), 1_000)(get(url), GOING);
    await begun.promise;
    await collectGarbage();
    expect(await outcome).toEqual({ kind: 'no-answer', neverSent: false, message: 'no answer within 1000 ms' });
  });

  it('does not go to an address of the machine’s own, or one that outgoing_hosts does not allow', async () => {
    const url = await serve((_request, response) => void response.end());
    expect(await sendRequest(get('http://169.254.169.254/latest/meta-data'), GOING)).toEqual({
      kind: 'forbidden',
      message: '169.254.169.254 belongs to the machine and not to a service',
    });
    expect(await sendRequest(get('http://0xA9FEA9FE/'), GOING)).toMatchObject({ kind: 'forbidden' });
    expect(await sendRequest(get('http://[fd00:ec2::254]/'), GOING)).toMatchObject({ kind: 'forbidden' });
    const elsewhere = createSender(hosts('*.example.org'));
    expect(await elsewhere(get(url), GOING)).toEqual({
      kind: 'forbidden',
      message: '127.0.0.1 is not among the allowed outgoing_hosts',
    });
    expect(await createSender(hosts('127.0.0.1'))(get(url), GOING)).toMatchObject({ kind: 'answer' });
  });

  it('looks at the addresses of a name when it connects', async () => {
    const url = (await serve((_request, response) => void response.end())).replace('127.0.0.1', 'localhost');
    const denied = createSender(hosts('-127.0.0.0/8, -::1'));
    expect(await denied(get(url), GOING)).toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(/^localhost is .*, which is denied by outgoing_hosts$/),
    });
    expect(await sendRequest(get(url), GOING)).toMatchObject({ kind: 'answer', status: 200 });
  });

  it('goes to a receiver with a certificate of its own only when the task says so', async () => {
    const server = createSecureServer(selfSigned(), (_request, response) => void response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    expect(await sendRequest(get(url), GOING)).toMatchObject({ kind: 'no-answer' });
    expect(await sendRequest({ ...get(url), certificate: 'any' }, GOING)).toMatchObject({ body: 'hello' });
  });
});
