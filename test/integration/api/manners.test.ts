import { once } from 'node:events';
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();
const ORDER = JSON.stringify({ kind: 'BuildSteps', options: {} });

/** Posts an order over a connection: only there can a header be sent twice. */
async function post(headers: OutgoingHttpHeaders): Promise<[status: number | undefined, codings: unknown]> {
  const token = http.services.giveToken({ name: 'ann', role: 'submitter' });
  const { port } = new URL(await http.app.listen({ host: '127.0.0.1', port: 0 }));
  const sent = request({
    ...{ host: '127.0.0.1', port, method: 'POST', path: '/v1/tasks', agent: false },
    headers: { authorization: `Bearer ${token}`, 'content-length': ORDER.length, ...headers },
  });
  sent.end(ORDER);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return [answer.statusCode, answer.headers['accept-encoding']];
}

describe('an order', () => {
  it('with an idempotency key in two headers is refused: joined they would be a third key', async () => {
    expect(await post({ 'idempotency-key': ['a', 'b'] })).toEqual([422, undefined]);
  });

  it('is taken with one, and with the encoding that changes nothing', async () => {
    expect(await post({ 'idempotency-key': 'a', 'content-encoding': 'identity' })).toEqual([201, undefined]);
  });

  it('in gzip is refused with the encodings that are taken, and not as text that is no UTF-8', async () => {
    expect(await post({ 'content-encoding': 'gzip' })).toEqual([415, 'identity']);
  });

  it.each(['', ' \n'])('without a body is told so (%j)', async (body) => {
    const answer = await http.callWithHeaders('submitter', 'POST /v1/tasks', body as never, {});
    expect([answer.statusCode, answer.json<{ message: string }>().message]).toEqual([
      422,
      'The body was refused: there is none. Correct it and send it again.',
    ]);
  });
});

describe('a wrong value', () => {
  it.each([
    ['limit=99999999999999999999', 'limit must be a whole number from 1 to 200'],
    ['since=yesterday', 'since must be an instant such as 2026-11-28T12:00:00Z'],
  ])('is told once, and in one way: %s', async (query, problem) => {
    const answer = await http.call('viewer', `GET /v1/tasks?${query}`);
    expect(answer.json<{ message: string }>().message).toBe(
      `The query was refused: ${problem}. Correct it and send it again.`,
    );
  });
});

describe('an answer', () => {
  it.each(['GET /v1/me', 'GET /v1/tasks/99', 'PATCH /v1/tasks', 'GET /v1/nothing', 'GET /readyz', 'GET /v1/session'])(
    'is kept by no cache and taken for no other type: %s',
    async (route) => {
      const { headers } = await http.call('viewer', route);
      expect([headers['cache-control'], headers['x-content-type-options']]).toEqual(['no-store', 'nosniff']);
    },
  );
});
