import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HastyClock } from '../kit/hasty-clock.ts';
import { serveOnLoopback } from '../kit/network/loopback-server.ts';
import { askAgain, TooSlow } from './ask-again.ts';
import { watchStalls } from './stalls.ts';

/** Serves one behaviour after the other, and the last one from then on. Returns the bodies that arrived. */
async function serve(...does: ((request: IncomingMessage, response: ServerResponse) => void)[]) {
  const bodies: string[] = [];
  const server = await serveOnLoopback((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      bodies.push(body);
      (does.length > 1 ? does.shift() : does[0])?.(request, response);
    });
  });
  onTestFinished(server.stop);
  return { url: `${server.url}/`, bodies };
}

const reset = (_request: IncomingMessage, response: ServerResponse): void => void response.socket?.resetAndDestroy();
const cutInTheMiddle = (_request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('half', () => response.destroy());
};
const says =
  (status: number, text: string) =>
  (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status).end(text);

describe('a client of the harness', () => {
  it('does not call a cut connection (fetch failed, ECONNRESET) its own breakage: it asks again with the same request', async () => {
    const clock = new HastyClock();
    const { url, bodies } = await serve(reset, reset, cutInTheMiddle, says(503, 'no node'), says(201, '{"id":7}'));
    const answer = await askAgain(url, { method: 'POST', body: 'order' }, { clock, random: () => 0.5 });
    expect(answer).toEqual({ status: 201, text: '{"id":7}' });
    expect(bodies).toEqual(Array(5).fill('order'));
    expect(clock.sleptMs).toEqual([25, 50, 100, 200]);
  });

  it('takes a refusal for the answer that it is', async () => {
    const { url, bodies } = await serve(says(422, 'no'));
    expect(await askAgain(url, { method: 'GET' })).toEqual({ status: 422, text: 'no' });
    expect(bodies).toHaveLength(1);
  });

  it('says slow, and not wrong, when there is no answer for three minutes', async () => {
    const { url } = await serve(reset);
    const asked = askAgain(url, { method: 'GET' }, { clock: new HastyClock(), random: () => 0.99 });
    await expect(asked).rejects.toThrow(TooSlow);
    await expect(asked).rejects.toThrow(/no answer for 180 s/);
  });
});

describe('the watch over the machine', () => {
  function stalledFor(gapsMs: readonly number[]): boolean {
    let nowMs = 0;
    const stalls = watchStalls(() => nowMs);
    for (const gap of gapsMs) {
      nowMs += gap;
      stalls.tick();
    }
    stalls.close();
    return stalls.isSlow();
  }

  it('calls a machine slow that stalls for a third of the time, and not one that is a little late', () => {
    expect(stalledFor(Array(20).fill(100))).toBe(false);
    expect(stalledFor(Array(20).fill(250))).toBe(false);
    expect(stalledFor([...Array<number>(10).fill(100), 1_000])).toBe(true);
    expect(stalledFor([...Array<number>(100).fill(100), 1_000])).toBe(false);
  });
});
