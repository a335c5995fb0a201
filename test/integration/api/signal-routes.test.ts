import { randomBytes } from 'node:crypto';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallbackId, CALLBACK_ID_LENGTH, TaskId } from '../../../shared/model/ids.ts';
import { CLASS_ID, HEADER, MAX_OUTPUT_SIGNAL_BYTES, MAX_SIGNAL_BYTES } from '../../../shared/protocol/signals.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { sign } from '../../../shared/keys/signing.ts';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';
import { newUsage } from '../../kit/usage.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const NOW_SECONDS = NOW.getTime() / 1000;
const CALLBACK = CallbackId.parse('c'.repeat(CALLBACK_ID_LENGTH));
const KEY = Buffer.alloc(32, 7);
const READY = { classId: CLASS_ID.ready, type: 1, pid: 12, startTime: NOW_SECONDS };

interface Sent {
  body: object | string;
  path?: string;
  callbackId?: string;
  webhookId?: string;
  timestamp?: number;
  key?: Buffer;
  /** Changes the headers after signing. */
  tamper?: (headers: Record<string, string>) => Record<string, string>;
  /** Is sent instead of the signed body. */
  sentBody?: string;
}

let services: MemoryServices;
let app: FastifyInstance;

beforeEach(() => {
  // Waits end at once, so that a delayed answer comes at once.
  services = new MemoryServices({ ...systemClock, now: () => NOW, sleep: () => Promise.resolve() });
  services.signingKeys.set(CALLBACK, { key: KEY, keyId: 'k1', taskId: TaskId.parse(1) });
  app = createHttpApi(services.apiDeps);
});
afterEach(() => app.close());

async function send(sent: Sent): Promise<LightMyRequestResponse> {
  const body = Buffer.from(typeof sent.body === 'string' ? sent.body : JSON.stringify(sent.body));
  const callbackId = sent.callbackId ?? CALLBACK;
  const webhookId = sent.webhookId ?? 'k1:1';
  const timestamp = sent.timestamp ?? NOW_SECONDS;
  const headers = {
    [HEADER.id]: webhookId,
    [HEADER.timestamp]: String(timestamp),
    [HEADER.signature]: sign(sent.key ?? KEY, { webhookId, timestamp, callbackId, body }),
    'content-type': 'application/json',
  };
  return app.inject({
    method: 'POST',
    url: `/v1/signal/${callbackId}${sent.path ?? ''}`,
    headers: sent.tamper ? sent.tamper(headers) : headers,
    payload: sent.sentBody ?? body,
  });
}

function without(name: string): (headers: Record<string, string>) => Record<string, string> {
  return (headers) => Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

describe('POST /v1/signal/:callback', () => {
  it('answers 202 after the signal was recorded, with its kind, its number and its fields', async () => {
    const answer = await send({ body: { ...READY, somethingOfTheTask: 'x' }, webhookId: 'k1:4' });
    expect([answer.statusCode, answer.body]).toEqual([202, '']);
    expect(services.signals).toMatchObject([
      {
        callbackId: CALLBACK,
        taskId: 1,
        webhookId: 'k1:4',
        sequence: 4,
        kind: 'ready',
        signal: { pid: 12, somethingOfTheTask: 'x' },
      },
    ]);
  });

  it('answers 202 to the same signal again and records it once', async () => {
    expect((await send({ body: READY })).statusCode).toBe(202);
    expect((await send({ body: READY, timestamp: NOW_SECONDS + 60 })).statusCode).toBe(202);
    expect(services.signals).toHaveLength(1);
  });

  it('accepts a signature among several, as during a change of keys', async () => {
    const tamper = (headers: Record<string, string>): Record<string, string> => ({
      ...headers,
      [HEADER.signature]: `v1,${randomBytes(32).toString('base64')} ${headers[HEADER.signature]}`,
    });
    expect((await send({ body: READY, tamper })).statusCode).toBe(202);
  });

  it('replaces U+0000, which no database text can hold, and leaves the written text \\u0000 alone', async () => {
    const log = 'a\0b \\u0000';
    const body = { classId: CLASS_ID.output, exitLog: 'Why.', log, 'odd\0key': 1 };
    expect((await send({ body })).statusCode).toBe(202);
    expect(services.signals[0]?.signal).toMatchObject({ log: 'a\ufffdb \\u0000', 'odd\ufffdkey': 1 });
  });

  it('takes an output signal of megabytes', async () => {
    const log = 'x'.repeat(MAX_OUTPUT_SIGNAL_BYTES - 1_000);
    expect((await send({ body: { classId: CLASS_ID.output, exitLog: 'Why.', log } })).statusCode).toBe(202);
  });

  const output = (bytes: number): object => ({ classId: CLASS_ID.output, exitLog: 'Why.', log: 'x'.repeat(bytes) });
  it.each<[string, Sent, number, string]>([
    ['another key', { body: READY, key: Buffer.alloc(32, 8) }, 401, 'SIGNAL_UNAUTHENTIC'],
    ['a body other than the one signed', { body: READY, sentBody: '{}' }, 401, 'SIGNAL_UNAUTHENTIC'],
    ['a body with one blank more', { body: READY, sentBody: ` ${JSON.stringify(READY)}` }, 401, 'SIGNAL_UNAUTHENTIC'],
    ['the key id of another container', { body: READY, webhookId: 'k2:1' }, 401, 'SIGNAL_UNAUTHENTIC'],
    ['no signature', { body: READY, tamper: without(HEADER.signature) }, 401, 'SIGNAL_UNAUTHENTIC'],
    ['no id', { body: READY, tamper: without(HEADER.id) }, 401, 'SIGNAL_UNAUTHENTIC'],
    ['no timestamp', { body: READY, tamper: without(HEADER.timestamp) }, 401, 'SIGNAL_UNAUTHENTIC'],
    [
      'an id changed after signing',
      { body: READY, tamper: (h) => ({ ...h, [HEADER.id]: 'k1:2' }) },
      401,
      'SIGNAL_UNAUTHENTIC',
    ],
    [
      'a time changed after signing',
      { body: READY, tamper: (h) => ({ ...h, [HEADER.timestamp]: String(NOW_SECONDS + 1) }) },
      401,
      'SIGNAL_UNAUTHENTIC',
    ],
    ['a replay six minutes later', { body: READY, timestamp: NOW_SECONDS - 360 }, 401, 'SIGNAL_CLOCK_SKEW'],
    ['a clock six minutes ahead', { body: READY, timestamp: NOW_SECONDS + 360 }, 401, 'SIGNAL_CLOCK_SKEW'],
    [
      'a callback nobody was given',
      { body: READY, callbackId: 'd'.repeat(CALLBACK_ID_LENGTH) },
      404,
      'CALLBACK_UNKNOWN',
    ],
    ['something that is no callback id', { body: READY, callbackId: 'short' }, 404, 'CALLBACK_UNKNOWN'],
    ['a number beyond what can be stored', { body: READY, webhookId: 'k1:2147483648' }, 422, 'REQUEST_INVALID'],
    ['an unknown class id', { body: { classId: 'something.else' } }, 422, 'SIGNAL_UNKNOWN_CLASS'],
    ['a known class with a wrong field', { body: { ...READY, pid: 'twelve' } }, 422, 'REQUEST_INVALID'],
    ['a body that is not JSON', { body: '{' }, 422, 'REQUEST_INVALID'],
    ['a webhook id without a number', { body: READY, webhookId: 'k1:first' }, 422, 'REQUEST_INVALID'],
    [
      'a ready signal above 64 KiB',
      { body: { ...READY, host: 'x'.repeat(MAX_SIGNAL_BYTES) } },
      413,
      'REQUEST_TOO_LARGE',
    ],
    ['an output signal above 4 MiB', { body: output(MAX_OUTPUT_SIGNAL_BYTES) }, 413, 'REQUEST_TOO_LARGE'],
  ])('refuses %s', async (_what, sent, status, code) => {
    const answer = await send(sent);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect(services.signals).toEqual([]);
  });

  it('refuses the same id with another body', async () => {
    await send({ body: READY });
    const answer = await send({ body: { ...READY, pid: 13 } });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([409, 'SIGNAL_CONFLICT']);
  });

  it('tells a sender whose clock is off the time of the server', async () => {
    const answer = await send({ body: READY, timestamp: NOW_SECONDS - 3_600 });
    expect(answer.headers['date']).toBe('Sun, 01 Mar 2026 12:00:00 GMT');
    expect(answer.json<{ message: string }>().message).toContain('3600 s behind');
  });

  it('answers 404 when the attempt disappears between the look at its key and the commit', async () => {
    const racing = Object.assign(new MemoryServices(services.clock), { recordSignal: async () => 'unknown' as const });
    racing.signingKeys.set(CALLBACK, { key: KEY, keyId: 'k1', taskId: TaskId.parse(1) });
    await app.close();
    app = createHttpApi(racing.apiDeps);
    expect((await send({ body: READY })).statusCode).toBe(404);
  });
});

describe('a container of which no more is kept', () => {
  const EXIT = { classId: CLASS_ID.exit, time: 5, disk: 0.1, initial_disk: 0.2 };
  const CHUNK = { processId: 'p', stream: 'stdout', offset: 0, data: '' };
  const sendChunk = (): Promise<LightMyRequestResponse> =>
    send({ body: CHUNK, path: '/chunks', webhookId: 'k1:p:stdout:0' });

  it('because it has said its exit is told so, with a status that ends its tries; what was kept is acknowledged', async () => {
    expect((await send({ body: READY, webhookId: 'k1:1' })).statusCode).toBe(202);
    expect((await send({ body: EXIT, webhookId: 'k1:2' })).statusCode).toBe(202);
    for (const answer of [await send({ body: READY, webhookId: 'k1:3' }), await sendChunk()]) {
      expect([answer.statusCode, answer.json()]).toEqual([409, expect.objectContaining({ code: 'ATTEMPT_ENDED' })]);
    }
    expect((await send({ body: READY, webhookId: 'k1:1' })).statusCode).toBe(202);
    expect((await send({ body: EXIT, webhookId: 'k1:2' })).statusCode).toBe(202);
  });

  it('because it has sent too much is told so', async () => {
    services.full.add(CALLBACK);
    for (const answer of [await send({ body: READY }), await sendChunk()]) {
      expect([answer.statusCode, answer.json()]).toEqual([413, expect.objectContaining({ code: 'ATTEMPT_FULL' })]);
    }
  });
});

describe('reports', () => {
  const chunk = { processId: 'build', stream: 'stdout', offset: 0, data: Buffer.from('hello').toString('base64') };
  const disk = { initialBytes: null, workloadBytes: 5, peakBytes: 5, inodesPeak: null } as const;
  const usage = newUsage({
    wallSeconds: 1,
    disk: { ...disk, method: 'statfs', confidence: 'exact' },
    processes: { started: 1, peak: 1 },
    output: { bytes: 5, omitted: 0 },
  });
  const heartbeat = { at: NOW.toISOString(), usage, progress: 1, secondsToTimeLimit: null, secondsToDiskLimit: null };

  it('stores a chunk once and says that nobody watches', async () => {
    const sent = { path: '/chunks', body: chunk, webhookId: 'k1:build:stdout:0' };
    expect((await send(sent)).json()).toEqual({ watched: false, takesMore: true });
    expect((await send(sent)).statusCode).toBe(202);
    expect(services.chunks.map(({ data }) => data.toString())).toEqual(['hello']);
  });

  it('takes a chunk of one MiB and refuses a larger one', async () => {
    const of = (bytes: number): Sent => ({
      path: '/chunks',
      body: { ...chunk, data: Buffer.alloc(bytes).toString('base64') },
      webhookId: 'k1:build:stdout:0',
    });
    expect((await send(of(1024 * 1024))).statusCode).toBe(202);
    expect((await send(of(1024 * 1024 + 4_096))).statusCode).toBe(413);
  });

  it('stores a large chunk byte by byte, and what the process wrote behind it', async () => {
    const bytes = Buffer.from(Uint8Array.from({ length: 300_001 }, (_, at) => (at * 31 + (at >> 7)) % 256));
    const more = [{ stream: 'stderr', offset: 3, data: Buffer.from('warning').toString('base64') }];
    const body = { ...chunk, data: bytes.toString('base64'), more };
    expect((await send({ path: '/chunks', body, webhookId: 'k1:build:stdout:0' })).statusCode).toBe(202);
    expect(services.chunks.map(({ stream, offset }) => [stream, offset])).toEqual([
      ['stdout', 0],
      ['stderr', 3],
    ]);
    expect(services.chunks[0]?.data.equals(bytes)).toBe(true);
    expect(`${services.chunks[1]?.data}`).toBe('warning');
  });

  it('stores the pieces of one report in their order, each once', async () => {
    const data = (text: string): string => Buffer.from(text).toString('base64');
    const more = [
      { stream: 'stderr', offset: 0, data: data('warning') },
      { stream: 'stdout', offset: 5, data: data(' world') },
    ];
    const sent = { path: '/chunks', body: { ...chunk, more }, webhookId: 'k1:build:stdout:0' };
    expect((await send(sent)).statusCode).toBe(202);
    expect((await send(sent)).statusCode).toBe(202);
    expect(
      services.chunks.map(({ processId, stream, offset, data }) => [processId, stream, offset, `${data}`]),
    ).toEqual([
      ['build', 'stdout', 0, 'hello'],
      ['build', 'stderr', 0, 'warning'],
      ['build', 'stdout', 5, ' world'],
    ]);
  });

  it('refuses a report of more than 64 pieces', async () => {
    const of = (pieces: number): Sent => ({
      path: '/chunks',
      body: {
        ...chunk,
        more: Array.from({ length: pieces - 1 }, (_, at) => ({ stream: 'stderr', offset: at, data: '' })),
      },
      webhookId: 'k1:build:stdout:0',
    });
    expect((await send(of(65))).statusCode).toBe(422);
    expect((await send(of(64))).statusCode).toBe(202);
  });

  it('refuses a chunk whose id names another place than its body', async () => {
    const answer = await send({ path: '/chunks', body: chunk, webhookId: 'k1:build:stdout:5' });
    expect(answer.statusCode).toBe(422);
  });

  it('refuses a chunk and a heartbeat that another key signed', async () => {
    const key = Buffer.alloc(32, 9);
    expect((await send({ path: '/chunks', body: chunk, webhookId: 'k1:build:stdout:0', key })).statusCode).toBe(401);
    expect((await send({ path: '/heartbeat', body: heartbeat, key })).statusCode).toBe(401);
  });

  it('records a heartbeat', async () => {
    expect((await send({ path: '/heartbeat', body: heartbeat, webhookId: 'k1:heartbeat:1' })).statusCode).toBe(202);
    expect(services.heartbeats).toMatchObject([{ taskId: 1, report: { progress: 1 } }]);
  });

  it('refuses a heartbeat of the year 0 as a fault of the sender', async () => {
    const answer = await send({ path: '/heartbeat', body: { ...heartbeat, at: '0000-01-01T00:00:00.000Z' } });
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ message: string }>().message).toContain('at must be an instant of the years 1 to 9999');
  });

  it('refuses a heartbeat with an unknown field and names it', async () => {
    const answer = await send({ path: '/heartbeat', body: { ...heartbeat, extra: 1 } });
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ message: string }>().message).toContain('extra');
  });
});
