import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enrol, type EnrolmentDeps } from '../../../agent/report/enrol.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { FakeControlPlane } from '../../kit/agent/fake-control-plane.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { RecordingLog } from '../../kit/recording-log.ts';

let fake: FakeControlPlane;
let clock: HastyClock;
let log: RecordingLog;
const hostKeyLine = createSshKeyPair().publicLine;

beforeEach(async () => {
  fake = await FakeControlPlane.start();
  clock = new HastyClock();
  log = new RecordingLog();
});
afterEach(async () => {
  await fake.close();
});

function enrolHere(
  changes: Partial<EnrolmentDeps> = {},
  signal = new AbortController().signal,
): ReturnType<typeof enrol> {
  return enrol(
    {
      url: fake.enrolUrl,
      token: fake.token,
      hostKeyLine,
      agentVersion: '0.1.0',
      startedAt: new Date('2026-03-01T12:00:00Z'),
      nonce: 'nonce-of-this-start',
      clock,
      random: () => 0.5,
      log,
      ...changes,
    },
    signal,
  );
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof OperationalError ? error.code : `not an OperationalError: ${String(error)}`;
}

describe('enrol', () => {
  it('tells the control plane its host key and gets the key for its signals', async () => {
    const answer = await enrolHere({ taskArn: 'arn:aws:ecs:eu-west-1:1:task/x' });
    expect(answer.key).toBe(fake.key.toString('base64'));
    expect(answer.clientKeys).toEqual([fake.clientKeys.publicLine]);
    expect(fake.enrolments).toMatchObject([{ hostKey: hostKeyLine, startedAt: '2026-03-01T12:00:00.000Z' }]);
  });

  it('tries again through errors of the server and of the network, waiting longer each time', async () => {
    fake.failNext('enrol', 'reset', { status: 500 }, { status: 503 }, 'reset');
    await enrolHere();
    expect(clock.sleptMs).toEqual([250, 375, 563, 844]);
  });

  it('waits as long as a 429 asks', async () => {
    fake.failNext('enrol', { status: 429, headers: { 'retry-after': '20' } });
    await enrolHere();
    expect(clock.sleptMs).toEqual([20_000]);
  });

  it('gets the same answer again when the first was lost', async () => {
    fake.failNext('enrol', 'lost-answer');
    expect((await enrolHere()).keyId).toBe(fake.keyId);
    expect(new Set(fake.enrolments.map((one) => one.nonce)).size).toBe(1);
    expect(fake.enrolments.length).toBe(2);
  });

  it('counts a request without an answer as lost', async () => {
    fake.failNext('enrol', 'hang');
    expect((await enrolHere({ requestTimeoutMs: 200 })).keyId).toBe(fake.keyId);
  });

  it.each([
    [409, 'ENROLMENT_REUSED', 'ENROLMENT_REUSED'],
    [410, 'ENROLMENT_VOID', 'ENROLMENT_VOID'],
    [404, 'ENROLMENT_REFUSED', 'ENROLMENT_REFUSED'],
    [422, 'REQUEST_INVALID', 'ENROLMENT_REFUSED'],
    [413, 'REQUEST_TOO_LARGE', 'ENROLMENT_REFUSED'],
    [404, 'ROUTE_UNKNOWN', 'ENROLMENT_REFUSED'],
    [405, 'METHOD_NOT_ALLOWED', 'ENROLMENT_REFUSED'],
  ])('gives up when the control plane answers %i with its code %s', async (status, code, expected) => {
    fake.failNext('enrol', { status, body: JSON.stringify({ code, message: 'No.' }) });
    expect(await codeOf(enrolHere())).toBe(expected);
    expect(clock.sleptMs).toEqual([]);
  });

  it.each([
    [400, 'bad request'],
    [401, '{"message":"Unauthorized"}'],
    [403, '<html>blocked by the firewall</html>'],
    [404, '<html>default backend - 404</html>'],
    [404, '{"code":404,"message":"no Route matched with those values"}'],
    [405, ''],
    [409, ''],
    [410, '<html>gone</html>'],
    [413, '<html>too large</html>'],
    [422, ''],
    [302, ''],
    [200, '<html>maintenance</html>'],
    [200, '{"status":"ok"}'],
    [204, ''],
  ])('tries again when a proxy answers for the control plane: %i %s', async (status, body) => {
    fake.failNext('enrol', { status, body, headers: status === 302 ? { location: `${fake.enrolUrl}/elsewhere` } : {} });
    expect((await enrolHere()).keyId).toBe(fake.keyId);
    expect(clock.sleptMs).toEqual([250]);
    expect(log.entries[0]?.fields).toMatchObject({ why: `status ${status}, and no answer of the control plane` });
  });

  it.each([
    ['nothing listens there', () => 'http://127.0.0.1:1/enrol', /^ECONNREFUSED: nothing listens there$/],
    ['what listens there speaks no TLS', () => fake.enrolUrl.replace('http:', 'https:'), /^EPROTO: .* speaks no TLS/],
  ])('says what stands in the way, and of which host, when %s', async (_, url, why) => {
    const stop = new AbortController();
    const once = Object.assign(new HastyClock(), { sleep: () => Promise.resolve(stop.abort()) });
    expect(await codeOf(enrolHere({ url: url(), clock: once }, stop.signal))).toBe('AGENT_STOPPING');
    expect(log.entries[0]?.fields).toMatchObject({ host: new URL(url()).host, why: expect.stringMatching(why) });
  });

  it('refuses an answer that is not an enrolment, without repeating what it holds', async () => {
    fake.failNext('enrol', { status: 200, body: '{"key":"c2VjcmV0","extra":1}' });
    const error: unknown = await enrolHere().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ENROLMENT_REFUSED' });
    expect(String(error)).not.toContain('c2VjcmV0');
  });

  it('does not send its token over plain http to another machine', async () => {
    expect(await codeOf(enrolHere({ url: 'http://control.example.com/v1/enrol' }))).toBe('ENROLMENT_REFUSED');
    expect(await codeOf(enrolHere({ url: 'ftp://127.0.0.1/' }))).toBe('CONFIG_INVALID');
    expect(await codeOf(enrolHere({ url: 'not an address' }))).toBe('CONFIG_INVALID');
  });

  it('stops when the agent is told to stop', async () => {
    const stop = new AbortController();
    fake.failNext('enrol', 'hang');
    const enrolment = codeOf(enrolHere({ requestTimeoutMs: 60_000 }, stop.signal));
    stop.abort();
    expect(await enrolment).toBe('AGENT_STOPPING');
  });

  it('keeps the token out of the log', async () => {
    fake.failNext('enrol', { status: 500 }, 'reset');
    await enrolHere();
    expect(log.entries.length).toBe(2);
    expect(JSON.stringify(log.entries)).not.toContain(fake.token);
  });
});
