import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { CallbackId, CALLBACK_ID_LENGTH, TaskId } from '../../../shared/model/ids.ts';
import { LEGACY_SIGNAL_BODY } from '../../../shared/protocol/legacy-signals.ts';
import { CLASS_ID, HEADER, MAX_SIGNAL_BYTES } from '../../../shared/protocol/signals.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { sha256Hex, sign } from '../../../shared/keys/signing.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const idOf = (letter: string): CallbackId => CallbackId.parse(letter.repeat(CALLBACK_ID_LENGTH));
const LEGACY = idOf('l');
const OTHER = idOf('o');
const SIGNED = idOf('s');
const SECRET = 'b'.repeat(43);
const KEY = Buffer.alloc(32, 7);

let services: MemoryServices;
let app: FastifyInstance;

beforeEach(() => {
  services = new MemoryServices({ ...systemClock, now: () => NOW, sleep: () => Promise.resolve() });
  const basic = { secretSha256: sha256Hex(SECRET), taskId: TaskId.parse(1) };
  services.signingKeys.set(LEGACY, { ...basic, user: 'attempt-1' });
  services.signingKeys.set(OTHER, { ...basic, user: 'attempt-2', secretSha256: sha256Hex('x') });
  services.signingKeys.set(SIGNED, { key: KEY, keyId: 'k1', taskId: TaskId.parse(2) });
  app = createHttpApi(services.apiDeps);
});
afterEach(() => app.close());

function basic(user = 'attempt-1', secret = SECRET): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` };
}

/** Sends what `curl -u … --data-binary` sends. */
async function post(body: object | string, headers: Record<string, string> = basic(), path: string = LEGACY) {
  const answer = await app.inject({
    method: 'POST',
    url: `/v1/signal/${path}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return [answer.statusCode, answer.body === '' ? '' : answer.json<{ code: string }>().code];
}

const UNAUTHENTIC = [401, 'SIGNAL_UNAUTHENTIC'];

describe('signals of a container without an agent', () => {
  it('are taken by HTTP Basic: its body unchanged is ready, then output, then exit', async () => {
    expect(await post(LEGACY_SIGNAL_BODY)).toEqual([202, '']);
    expect(await post({ ...LEGACY_SIGNAL_BODY, exitLog: 'Why.', log: 'l' })).toEqual([202, '']);
    expect(await post({ ...LEGACY_SIGNAL_BODY, time: 3, disk: 0.1, initial_disk: 2 })).toEqual([202, '']);
    expect(services.signals.map(({ kind, taskId, sequence }) => [kind, taskId, sequence])).toEqual([
      ['ready', 1, 1],
      ['output', 1, 2],
      ['exit', 1, 3],
    ]);
  });

  it('count once when curl sends them again', async () => {
    expect(await post(LEGACY_SIGNAL_BODY)).toEqual([202, '']);
    expect(await post(LEGACY_SIGNAL_BODY)).toEqual([202, '']);
    expect(services.signals).toHaveLength(1);
  });

  it.each<[string, Record<string, string>]>([
    ['another secret', basic('attempt-1', 'c'.repeat(43))],
    ['another user', basic('attempt-2')],
    ['no header', {}],
    ['another scheme', { authorization: `Bearer ${SECRET}` }],
    ['no colon', { authorization: `Basic ${Buffer.from(SECRET).toString('base64')}` }],
    ['no base64', { authorization: 'Basic ***' }],
  ])('are refused with %s, in the same words', async (_what, headers) => {
    expect(await post(LEGACY_SIGNAL_BODY, headers)).toEqual(UNAUTHENTIC);
    const answer = await app.inject({ method: 'POST', url: `/v1/signal/${LEGACY}`, headers, payload: '{}' });
    expect(answer.json<{ message: string }>().message).toContain('its sender has not proven to be this container');
    expect(services.signals).toEqual([]);
  });

  it('are refused at the address of another container', async () => {
    expect(await post(LEGACY_SIGNAL_BODY, basic(), OTHER)).toEqual(UNAUTHENTIC);
  });

  it('are refused before anything is parsed', async () => {
    expect(await post('no json', basic('attempt-1', 'wrong'))).toEqual(UNAUTHENTIC);
    expect(await post('no json')).toEqual([422, 'REQUEST_INVALID']);
  });

  it('do not speak for a container with an agent, whose signals are signed', async () => {
    expect(await post(LEGACY_SIGNAL_BODY, basic(), SIGNED)).toEqual(UNAUTHENTIC);
    const both = { ...basic('k1', KEY.toString()), ...basic('k1', KEY.toString('base64')) };
    expect(await post(LEGACY_SIGNAL_BODY, both, SIGNED)).toEqual(UNAUTHENTIC);
  });

  it('are not taken by a signature either, whatever key made it', async () => {
    const body = Buffer.from(JSON.stringify(LEGACY_SIGNAL_BODY));
    const timestamp = NOW.getTime() / 1000;
    const headers = {
      [HEADER.id]: 'attempt-1:1',
      [HEADER.timestamp]: String(timestamp),
      [HEADER.signature]: sign(KEY, { webhookId: 'attempt-1:1', timestamp, callbackId: LEGACY, body }),
    };
    expect(await post(body.toString(), headers)).toEqual(UNAUTHENTIC);
  });

  it('bring no output and no usage, which are signed', async () => {
    expect(await post('{}', basic(), `${LEGACY}/chunks`)).toEqual(UNAUTHENTIC);
    expect(await post('{}', basic(), `${LEGACY}/heartbeat`)).toEqual(UNAUTHENTIC);
  });

  it('are refused when they are none of the three, or too long', async () => {
    expect(await post({ classId: CLASS_ID.processComplete })).toEqual([422, 'SIGNAL_UNKNOWN_CLASS']);
    expect(await post({ filler: 'x'.repeat(MAX_SIGNAL_BYTES) })).toEqual([413, 'REQUEST_TOO_LARGE']);
    expect(await post({ time: 'soon', disk: 1, initial_disk: 1 })).toEqual([422, 'REQUEST_INVALID']);
  });

  it('have the rate of those of an agent', async () => {
    const answers: unknown[] = [];
    // More than a container may send at once, and in the seconds that a busy machine takes for it.
    for (let sent = 0; sent < 120; sent += 1) answers.push(await post({ pid: sent + 1 }));
    expect(answers).toContainEqual([429, 'RATE_LIMITED']);
  });
});
