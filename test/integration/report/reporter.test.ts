import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReporter, type Reporter, type ReporterOptions } from '../../../agent/report/reporter.ts';
import { openSpool, type Spool } from '../../../agent/report/spool.ts';
import type { HeartbeatReport } from '../../../shared/protocol/signals.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { eventually } from '../../kit/eventually.ts';
import { FakeControlPlane } from '../../kit/agent/fake-control-plane.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { PROCESS_COMPLETE } from '../../kit/process-complete.ts';
import { RecordingLog } from '../../kit/recording-log.ts';
import { newUsage } from '../../kit/usage.ts';

const never = new AbortController().signal;
const READY = { pid: 1, startTime: 1_772_366_400 };
const EXIT = { time: 5, disk: 0.1, initial_disk: 1.7 };
const OUTPUT = { exitLog: 'The disk limit was exceeded.', log: 'last line' };

let directory: string;
let fake: FakeControlPlane;
let clock: HastyClock;
let log: RecordingLog;
const open: { close(): Promise<unknown> }[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'wip-report-'));
  fake = await FakeControlPlane.start();
  clock = new HastyClock();
  log = new RecordingLog();
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  await fake.close();
  await rm(directory, { recursive: true });
});

async function spoolHere(): Promise<Spool> {
  const spool = await openSpool({ file: path.join(directory, 'spool'), sharedMemoryDirectory: directory, log });
  open.push(spool);
  return spool;
}

async function reporterHere(changes: Partial<ReporterOptions> = {}): Promise<Reporter> {
  const reporter = createReporter({
    signalUrl: fake.signalUrl,
    signalBody: { taskId: 7 },
    key: fake.key,
    keyId: fake.keyId,
    spool: changes.spool ?? (await spoolHere()),
    readOutput: (_process, _stream, offset) => ({ offset, data: Buffer.alloc(0) }),
    clock,
    random: () => 0.5,
    log,
    ...changes,
  });
  open.push(reporter);
  return reporter;
}

describe('signals', () => {
  it('arrive once each, numbered from 1 in the order of the calls, over SIGNAL_BODY', async () => {
    const reporter = await reporterHere();
    void reporter.signal('ready', READY);
    void reporter.signal('output', OUTPUT);
    void reporter.signal('processComplete', PROCESS_COMPLETE);
    await reporter.signal('exit', EXIT);
    expect(await reporter.flush(never)).toBe('delivered');
    expect(fake.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    expect(fake.signals.map((signal) => signal.sequence)).toEqual([1, 2, 3, 4]);
    expect(fake.signals[0]?.body).toMatchObject({ taskId: 7, ...READY });
  });

  it('keep their order and arrive once through lost answers, cut connections and errors', async () => {
    fake.failNext('signal', 'lost-answer', 'reset', { status: 500 }, { status: 404 }, { status: 401 }, 'lost-answer');
    const reporter = await reporterHere();
    await reporter.signal('ready', READY);
    await reporter.signal('exit', EXIT);
    expect(await reporter.flush(never)).toBe('delivered');
    expect(fake.kinds).toEqual(['ready', 'exit']);
    expect(fake.requests.map((request) => request.id).slice(0, 6)).toEqual(Array(6).fill(`${fake.keyId}:1`));
  });

  it.each([409, 413, 422])('are given up on %i, and the next one goes on', async (status) => {
    fake.failNext('signal', { status });
    const reporter = await reporterHere();
    await reporter.signal('ready', READY);
    await reporter.signal('exit', EXIT);
    expect(await reporter.flush(never)).toBe('delivered');
    expect(fake.signals.map(({ kind, sequence }) => [kind, sequence])).toEqual([['exit', 2]]);
    expect(log.entries).toContainEqual(expect.objectContaining({ level: 'error', message: 'signal refused for good' }));
  });

  it('are all there in order after an outage of ten minutes, in which no pause was longer than 30 seconds', async () => {
    const OUTAGE = ['reset', { status: 502 }, 'lost-answer', { status: 404 }, { status: 503 }] as const;
    const longWaits = 10 * 60_000;
    // With random = 1 every pause has its full length: 40 of them are more than ten minutes.
    fake.failNext('signal', ...Array.from({ length: 40 }, (_, index) => OUTAGE[index % OUTAGE.length]!));
    const reporter = await reporterHere({ random: () => 1 - Number.EPSILON });
    await reporter.signal('ready', READY);
    await reporter.signal('output', OUTPUT);
    await reporter.signal('processComplete', PROCESS_COMPLETE);
    await reporter.signal('exit', EXIT);
    expect(await reporter.flush(never)).toBe('delivered');
    expect(fake.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    expect(fake.signals.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(clock.sleptMs.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(longWaits);
    expect(Math.max(...clock.sleptMs)).toBeLessThanOrEqual(30_000);
  });

  it('wait as long as a 429 asks', async () => {
    fake.failNext('signal', { status: 429, headers: { 'retry-after': '13' } });
    const reporter = await reporterHere();
    await reporter.signal('ready', READY);
    await reporter.flush(never);
    expect(clock.sleptMs).toContain(13_000);
  });

  it("are signed with the server's time when the container's clock is wrong, without waiting", async () => {
    fake.clockAheadMs = 3_600_000;
    const reporter = await reporterHere();
    await reporter.signal('ready', READY);
    await reporter.signal('exit', EXIT);
    expect(await reporter.flush(never)).toBe('delivered');
    expect(fake.requests.map((request) => request.status)).toEqual([401, 202, 202]);
    expect(clock.sleptMs.filter((ms) => ms > 0 && ms !== 1_000)).toEqual([]);
  });

  it('under way and without an answer are given up when there is little time left', async () => {
    fake.failNext('signal', 'hang');
    const reporter = await reporterHere({ requestTimeoutMs: 600_000 });
    await reporter.signal('exit', EXIT);
    await eventually('the request', () => fake.requests.length === 1);
    reporter.limitRequests(100);
    expect(await reporter.flush(never)).toBe('delivered');
    expect(fake.kinds).toEqual(['exit']);
  });

  it('are delivered when the control plane comes back at the same address', async () => {
    const reporter = await reporterHere();
    const { port, key, callbackId } = fake;
    await fake.close();
    await reporter.signal('ready', READY);
    await eventually('a failed try', () => log.entries.some((entry) => entry.level === 'warn'));
    fake = await FakeControlPlane.start({ port });
    Object.assign(fake, { key, callbackId });
    expect(await reporter.flush(never)).toBe('delivered');
    expect(fake.kinds).toEqual(['ready']);
  });

  it('are told to be undelivered when the time is up', async () => {
    fake.failNext('signal', 'hang');
    const reporter = await reporterHere();
    await reporter.signal('ready', READY);
    const up = new AbortController();
    const flushed = reporter.flush(up.signal);
    up.abort();
    expect(await flushed).toBe('undelivered');
  });

  it('survive the end of the process in the spool, and go on with their numbers', async () => {
    const spool = await spoolHere();
    fake.failNext('signal', 'hang');
    const first = await reporterHere({ spool });
    await first.signal('ready', READY);
    await first.signal('output', OUTPUT);
    await eventually('the first try', () => fake.requests.length >= 1);
    await first.close();
    await spool.close();

    const second = await reporterHere();
    await second.signal('exit', EXIT);
    expect(await second.flush(never)).toBe('delivered');
    expect(fake.signals.map(({ kind, sequence }) => [kind, sequence])).toEqual([
      ['ready', 1],
      ['output', 2],
      ['exit', 3],
    ]);
  });

  it('of another container that used the same directory are not sent', async () => {
    const spool = await spoolHere();
    fake.failNext('signal', 'hang');
    const other = await reporterHere({ spool, keyId: 'another' });
    await other.signal('output', OUTPUT);
    await eventually('the first try', () => fake.requests.length >= 1);
    await other.close();
    await spool.close();

    const reporter = await reporterHere();
    await reporter.signal('exit', EXIT);
    await reporter.flush(never);
    expect(fake.signals.map(({ kind, sequence }) => [kind, sequence])).toEqual([['exit', 1]]);
  });

  it('never put the address or the key into the log', async () => {
    fake.failNext('signal', 'reset', { status: 500 }, { status: 422 });
    const reporter = await reporterHere();
    await reporter.signal('ready', READY);
    await reporter.flush(never);
    const text = JSON.stringify(log.entries);
    expect(text).not.toContain(fake.callbackId);
    expect(text).not.toContain(fake.key.toString('base64'));
  });
});

describe('chunks', () => {
  it('arrive before the signal that ends their process', async () => {
    const reporter = await reporterHere({ clock: systemClock });
    reporter.chunk('build', 'stdout', 0, Buffer.from('hello '));
    reporter.chunk('build', 'stdout', 6, Buffer.from('world'));
    await reporter.signal('processComplete', PROCESS_COMPLETE);
    await reporter.flush(never);
    expect(fake.output('build', 'stdout').toString()).toBe('hello world');
    expect(fake.requests.map((request) => request.place)).toEqual(['chunks', 'signal']);
  });

  it('go at once when much waits', async () => {
    const reporter = await reporterHere({ clock: systemClock });
    reporter.chunk('build', 'stdout', 0, Buffer.alloc(300 * 1024, 'x'));
    await eventually('the chunk', () => fake.chunks.length >= 1);
  });

  it('are on their way within a tenth of a second, then every five seconds, and at once while somebody watches', async () => {
    const reporter = await reporterHere();
    let at = 0;
    /** The longest pause before what is written now is sent. */
    const pauseBefore = async (text: string): Promise<number> => {
      clock.sleptMs.splice(0);
      const count = fake.chunks.length;
      reporter.chunk('build', 'stdout', at, Buffer.from(text));
      at += text.length;
      await reporterIdle();
      expect(fake.chunks.length).toBe(count + 1);
      return Math.max(0, ...clock.sleptMs);
    };
    const reporterIdle = (): Promise<unknown> =>
      eventually('the report', () => fake.output('build', 'stdout').length === at);
    expect(await pauseBefore('first')).toBeLessThanOrEqual(100);
    fake.watched = true;
    const unwatched = await pauseBefore('second');
    expect(unwatched).toBeGreaterThan(1_000);
    expect(unwatched).toBeLessThanOrEqual(5_000);
    expect(await pauseBefore('third')).toBeLessThanOrEqual(100);
  });

  it('are tried again, with the same bytes under the same id', async () => {
    fake.failNext('chunks', 'lost-answer', { status: 503 });
    const reporter = await reporterHere();
    reporter.chunk('build', 'stderr', 0, Buffer.from('warning'));
    await eventually('the chunk to be accepted', () => fake.requests.some((request) => request.status === 202));
    expect(fake.chunks.length).toBe(1);
    expect(new Set(fake.requests.map((request) => request.id))).toEqual(new Set([`${fake.keyId}:build:stderr:0`]));
    expect(reporter.omitted('build', 'stderr')).toBe(0);
  });

  it('that are refused are counted and do not stop the next', async () => {
    fake.failNext('chunks', { status: 413 });
    const reporter = await reporterHere();
    reporter.chunk('build', 'stdout', 0, Buffer.from('12345'));
    await eventually('the refusal', () => reporter.omitted('build', 'stdout') === 5);
    reporter.chunk('build', 'stdout', 5, Buffer.from('67'));
    await eventually('the next chunk', () => fake.chunks.length >= 1);
  });

  /** Lines of both streams in turns, behind a first piece whose answer says what the control plane takes. */
  async function sendTurns(turns: number, afterFirst: () => unknown = () => undefined): Promise<string> {
    const reporter = await reporterHere();
    reporter.chunk('build', 'stdout', 0, Buffer.from('first '));
    await eventually('the first answer', () => fake.requests.length >= 1);
    afterFirst();
    const at = { stdout: 6, stderr: 0 };
    let written = 'first ';
    for (let turn = 0; turn < turns; turn += 1) {
      const stream = turn % 2 === 0 ? 'stdout' : 'stderr';
      const text = `${turn} `;
      reporter.chunk('build', stream, at[stream], Buffer.from(text));
      at[stream] += text.length;
      written += text;
    }
    reporter.chunk('other', 'stdout', 0, Buffer.from('other'));
    await eventually('all pieces', () => fake.chunks.length === turns + 2);
    expect(reporter.omitted('build', 'stdout') + reporter.omitted('build', 'stderr')).toBe(0);
    return `${written}other`;
  }
  const arrived = (): string => fake.chunks.map(({ data }) => Buffer.from(data, 'base64').toString()).join('');

  it('of one process travel together, up to 64 in a request, and in their order', async () => {
    const written = await sendTurns(200);
    expect(arrived()).toBe(written);
    expect(fake.requests.map(({ status }) => status)).toEqual(Array(6).fill(202));
  });

  it('travel one by one to a control plane that refuses several, though another node of it took them', async () => {
    const written = await sendTurns(10, () => (fake.takesMore = false));
    expect(arrived()).toBe(written);
    expect(fake.requests.map(({ status }) => status)).toEqual([202, 422, ...Array<number>(11).fill(202)]);
  });

  it('never hold up a signal for more than a moment, and are dropped and counted at the end', async () => {
    fake.failNext('chunks', ...Array<'hang'>(20).fill('hang'));
    const reporter = await reporterHere();
    reporter.chunk('build', 'stdout', 0, Buffer.from('12345'));
    await reporter.signal('exit', EXIT);
    expect(await reporter.flush(never)).toBe('delivered');
    expect(fake.kinds).toEqual(['exit']);
    await reporter.close();
    reporter.chunk('build', 'stdout', 5, Buffer.from('678'));
    expect(reporter.omitted('build', 'stdout')).toBe(8);
  });
});

describe('heartbeats', () => {
  const beat = (progress: number): HeartbeatReport => ({
    at: '2026-03-01T12:00:00Z',
    usage: newUsage({ wallSeconds: 1 }),
    progress,
    secondsToTimeLimit: null,
    secondsToDiskLimit: null,
  });

  it('arrive; of several that could not leave only the newest does', async () => {
    const reporter = await reporterHere();
    for (const progress of [1, 2, 3, 4]) reporter.heartbeat(beat(progress));
    await eventually('the last heartbeat', () => fake.heartbeats.at(-1)?.progress === 4);
    expect(fake.heartbeats.map((report) => report.progress)).toEqual([1, 4]);
  });

  it('are not tried again', async () => {
    fake.failNext('heartbeat', { status: 500 });
    const reporter = await reporterHere();
    reporter.heartbeat(beat(1));
    await eventually('the failure', () => fake.requests.length >= 1);
    reporter.heartbeat(beat(2));
    await eventually('the next', () => fake.heartbeats.length >= 1);
    expect(fake.heartbeats[0]?.progress).toBe(2);
  });
});
