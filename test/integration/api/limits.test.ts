import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { CallbackId, CALLBACK_ID_LENGTH, TaskId } from '../../../shared/model/ids.ts';
import { CLASS_ID, HEADER } from '../../../shared/protocol/signals.ts';
import { sign } from '../../../shared/keys/signing.ts';
import { eventually } from '../../kit/eventually.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';

const KEY = Buffer.alloc(32, 7);
const [FIRST, SECOND] = ['a', 'b'].map((letter) => CallbackId.parse(letter.repeat(CALLBACK_ID_LENGTH))) as [
  CallbackId,
  CallbackId,
];
const READY = { classId: CLASS_ID.ready, pid: 12, startTime: 0 };
const EXIT = { classId: CLASS_ID.exit, time: 1, disk: null, initial_disk: null };
const NOW_SECONDS = 1_772_366_400;

let services: MemoryServices;
let app: FastifyInstance;
let nowMs: number;
let heldBack: number[];

beforeEach(() => {
  nowMs = 0;
  heldBack = [];
  const clock = {
    now: () => new Date(NOW_SECONDS * 1000),
    monotonicMs: () => nowMs,
    sleep: (ms: number) => {
      heldBack.push(ms);
      return Promise.resolve();
    },
  };
  services = Object.assign(new MemoryServices(clock), { rates: { tokenRate: 2, containerRate: 2 } });
  for (const callback of [FIRST, SECOND]) {
    services.signingKeys.set(callback, { key: KEY, keyId: 'k1', taskId: TaskId.parse(1) });
  }
  app = createHttpApi(services.apiDeps);
});
afterEach(() => app.close());

async function send(callbackId: CallbackId, name: string, body: object, path = '', key = KEY) {
  const text = Buffer.from(JSON.stringify(body));
  const webhookId = `k1:${name}`;
  const headers = {
    [HEADER.id]: webhookId,
    [HEADER.timestamp]: String(NOW_SECONDS),
    [HEADER.signature]: sign(key, { webhookId, timestamp: NOW_SECONDS, callbackId, body: text }),
  };
  return app.inject({ method: 'POST', url: `/v1/signal/${callbackId}${path}`, headers, payload: text });
}

const chunk = (callback: CallbackId, offset: number, key = KEY) =>
  send(
    callback,
    `build:stdout:${offset}`,
    { processId: 'build', stream: 'stdout', offset, data: 'YQ==' },
    '/chunks',
    key,
  );

describe('a flood', () => {
  it('of one token is answered 429 with Retry-After, and other tokens are served', async () => {
    const [loud, quiet] = ['loud', 'quiet'].map((name) => services.giveToken({ name, role: 'viewer' })) as [
      string,
      string,
    ];
    const ask = (token: string) =>
      app.inject({ method: 'GET', url: '/v1/tasks', headers: { authorization: `Bearer ${token}` } });
    for (let number = 0; number < 20; number += 1) expect((await ask(loud)).statusCode).toBe(200);
    const refused = await ask(loud);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1']);
    expect(refused.json()).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'This token makes more than 2 requests a second. Wait 1 s before the next request, and send fewer.',
    });
    expect((await ask(quiet)).statusCode).toBe(200);
    nowMs += 500;
    expect((await ask(loud)).statusCode).toBe(200);
  });

  it('of reports from one container leaves room for its signals, and for other containers', async () => {
    for (let offset = 0; offset < 20; offset += 1) expect((await chunk(FIRST, offset)).statusCode).toBe(202);
    const refused = await chunk(FIRST, 20);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1']);
    expect((await send(FIRST, '1', READY)).statusCode).toBe(202);
    expect((await chunk(SECOND, 0)).statusCode).toBe(202);
  });

  it('of reports counts those with many pieces as several', async () => {
    const piece = { stream: 'stdout', data: 'YQ==' };
    const body = { processId: 'build', ...piece, offset: 0 };
    const more = Array.from({ length: 63 }, (_, at) => ({ ...piece, offset: at + 1 }));
    const report = () => send(FIRST, 'build:stdout:0', { ...body, more }, '/chunks');
    for (let count = 0; count < 2; count += 1) expect((await report()).statusCode).toBe(202);
    const refused = await report();
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '2']);
    nowMs += 2_000;
    expect((await report()).statusCode).toBe(202);
  });

  it('of signals from one container leaves room for those that tell of an end', async () => {
    const answers: number[] = [];
    for (let number = 1; number <= 60; number += 1) {
      answers.push((await send(FIRST, String(number), READY)).statusCode);
    }
    expect([answers.indexOf(429), answers.at(-1)]).toEqual([50, 429]);
    expect((await send(FIRST, '61', EXIT)).statusCode).toBe(202);
    expect((await send(SECOND, '1', READY)).statusCode).toBe(202);
  });

  it('of refusals is answered slowly, whatever it consists of', async () => {
    const kinds = ['/v1/nothing', '/v1/tasks', `/v1/signal/${FIRST}`];
    for (let number = 0; number < 200; number += 1) await app.inject({ method: 'POST', url: kinds[number % 3]! });
    expect(heldBack).toEqual([]);
    for (const url of kinds) await app.inject({ method: 'POST', url });
    expect(heldBack).toEqual([1_000, 1_000, 1_000]);
    nowMs += 1_000;
    await app.inject({ method: 'GET', url: '/v1/nothing' });
    expect(heldBack).toHaveLength(3);
  });

  it('of requests that are not signed uses up nothing of the container that they name', async () => {
    for (let offset = 0; offset < 100; offset += 1) {
      expect((await chunk(FIRST, offset, Buffer.alloc(32, 8))).statusCode).toBe(401);
    }
    expect((await chunk(FIRST, 0)).statusCode).toBe(202);
  });
});

describe('bodies that do not come', () => {
  const sockets: Socket[] = [];
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

  it('are eight for a container at the most, and free their places when their connections close', async () => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as { port: number };
    const begin = async (): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      await once(socket, 'connect');
      socket.write(`POST /v1/signal/${FIRST} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 60000\r\n\r\n{`);
      return socket;
    };
    // They are read in any order, so each of the nine may be the one that exceeds the limit.
    const answered = Array.from({ length: 9 }, async () => once(await begin(), 'data'));
    const [answer] = (await Promise.race(answered)) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 429 [^]*retry-after: 5/);
    for (const socket of sockets.splice(0)) socket.destroy();
    await eventually('a place', async () => (await send(FIRST, '1', READY)).statusCode === 202);
  });
});
