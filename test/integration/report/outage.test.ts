import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReporter, type Reporter } from '../../../agent/report/reporter.ts';
import { openSpool } from '../../../agent/report/spool.ts';
import { eventually } from '../../kit/eventually.ts';
import { FakeControlPlane } from '../../kit/agent/fake-control-plane.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { PROCESS_COMPLETE } from '../../kit/process-complete.ts';
import { RecordingLog } from '../../kit/recording-log.ts';
import { Wire, type WireState } from '../../kit/network/wire.ts';

const TEN_MINUTES_MS = 600_000;
const WAYS: readonly WireState[] = ['refused', 'reset', 'black-hole', 'mute'];
/** Short, because it is real time, and each request into a black hole costs it. */
const REQUEST_TIMEOUT_MS = 50;
const PIECE_BYTES = 256 * 1024;
const PIECES = 40;

/** The value of each byte depends on its offset. */
const BURST = Buffer.from(Array.from({ length: PIECES * PIECE_BYTES }, (_, at) => (at * 31 + (at >> 8)) % 251));

let fileBeginsAt: number;
let directory: string;
let fake: FakeControlPlane;
let wire: Wire;
let clock: HastyClock;
let log: RecordingLog;
let reporter: Reporter;
const open: { close(): Promise<unknown> }[] = [];

beforeEach(async () => {
  fileBeginsAt = 0;
  directory = await mkdtemp(path.join(tmpdir(), 'wip-outage-'));
  fake = await FakeControlPlane.start();
  wire = await Wire.start(fake.port);
  clock = new HastyClock();
  log = new RecordingLog();
  const spool = await openSpool({ file: path.join(directory, 'spool'), sharedMemoryDirectory: directory, log });
  reporter = createReporter({
    signalUrl: fake.signalUrl.replace(`:${fake.port}`, `:${wire.port}`),
    signalBody: {},
    key: fake.key,
    keyId: fake.keyId,
    spool,
    readOutput: (_process, _stream, offset, maxBytes) => {
      const from = Math.max(offset, fileBeginsAt);
      return { offset: from, data: BURST.subarray(from, from + maxBytes) };
    },
    clock,
    random: () => 1 - Number.EPSILON, // every pause has its full length
    log,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  open.push(fake, wire, spool, reporter);
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  await rm(directory, { recursive: true });
});

function writeBurst(): void {
  for (let at = 0; at < BURST.length; at += PIECE_BYTES)
    reporter.chunk('build', 'stdout', at, BURST.subarray(at, at + PIECE_BYTES));
}

/** Returns the number of failed tries. */
function lostTries(): number {
  return log.entries.filter(({ level }) => level === 'warn').length;
}

function tenMinutes(): Promise<unknown> {
  const endMs = clock.monotonicMs() + TEN_MINUTES_MS;
  return eventually('ten minutes', () => clock.monotonicMs() > endMs);
}

describe('a control plane that was away for ten minutes', () => {
  it.each(WAYS)('has all signals once and in order within 30 s of its return (%s)', async (way) => {
    await reporter.signal('ready', { pid: 1, startTime: 1_772_366_400 });
    await eventually('ready', () => fake.kinds.length >= 1);
    await wire.set(way);
    await reporter.signal('output', { exitLog: 'The disk limit was exceeded.', log: 'last line' });
    await reporter.signal('processComplete', PROCESS_COMPLETE);
    await tenMinutes();
    await reporter.signal('exit', { time: 5, disk: 0.1, initial_disk: 1.7 });
    if (way !== 'mute') expect(fake.kinds).toEqual(['ready']);
    await wire.set('up');
    const [backMs, lostBefore] = [clock.monotonicMs(), lostTries()];
    await eventually('the rest', () => fake.kinds.includes('exit'));
    // The try under way is lost with the black hole. On a busy machine another one may miss its 50 ms.
    const tries = 1 + lostTries() - lostBefore;
    expect(clock.monotonicMs() - backMs).toBeLessThan(30_000 * tries);
    expect(fake.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    expect(fake.signals.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(await reporter.flush(new AbortController().signal)).toBe('delivered');
  });

  it('has them within 30 s of its return also when a proxy has answered for it with a Retry-After of five minutes', async () => {
    const MINUTES = Array.from({ length: 24 }, () => ({ status: 503, headers: { 'retry-after': '300' } }));
    fake.failNext('signal', ...MINUTES);
    const startMs = clock.monotonicMs();
    await reporter.signal('ready', { pid: 1, startTime: 1_772_366_400 });
    await reporter.signal('exit', { time: 5, disk: 0.1, initial_disk: 1.7 });
    expect(await reporter.flush(new AbortController().signal)).toBe('delivered');
    expect(fake.kinds).toEqual(['ready', 'exit']);
    expect(clock.monotonicMs() - startMs).toBeGreaterThan(TEN_MINUTES_MS - 30_000);
    expect(Math.max(...clock.sleptMs)).toBeLessThanOrEqual(25_000);
  });

  it.each<WireState>(['reset', 'black-hole'])(
    'has all output of a burst that came while it was away, in order (%s)',
    async (way) => {
      await wire.set(way);
      writeBurst();
      await tenMinutes();
      await wire.set('up');
      await eventually('all of it', () => fake.chunkBytes === BURST.length);
      expect(fake.output('build', 'stdout').equals(BURST)).toBe(true);
      expect(reporter.omitted('build', 'stdout')).toBe(0);
    },
  );

  it('has the size of what the file of the output has lost meanwhile', async () => {
    await wire.set('reset');
    writeBurst();
    fileBeginsAt = 7_000_001;
    await tenMinutes();
    await wire.set('up');
    const missing = (): number => reporter.omitted('build', 'stdout');
    await eventually('the rest', () => fake.chunkBytes + missing() === BURST.length);
    expect(missing()).toBeGreaterThan(2_000_000);
    expect(fake.output('build', 'stdout').subarray(7_000_001).equals(BURST.subarray(7_000_001))).toBe(true);
  });

  it('is told at the end of a process the real size of what is lost, not only of what was missed until then', async () => {
    await wire.set('reset');
    writeBurst();
    fileBeginsAt = 7_000_001;
    reporter.settleOutput('build');
    const told = reporter.omitted('build', 'stdout');
    await tenMinutes();
    await wire.set('up');
    await eventually('the rest', () => fake.chunkBytes + told === BURST.length);
    expect(reporter.omitted('build', 'stdout')).toBe(told);
    expect(told).toBeGreaterThan(2_000_000);
  });

  it('is told the same where a part is under way from its file', async () => {
    writeBurst();
    await eventually('output from its file', () => fake.chunkBytes > 4 * 1024 * 1024);
    await wire.set('mute');
    fileBeginsAt = 9_000_000;
    reporter.settleOutput('build');
    const told = reporter.omitted('build', 'stdout');
    await wire.set('up');
    await eventually('the rest', () => fake.chunkBytes + reporter.omitted('build', 'stdout') === BURST.length);
    expect(reporter.omitted('build', 'stdout')).toBe(told);
  });

  it('is away for ten minutes at the end, and has all output when it is back in time', async () => {
    await wire.set('reset');
    writeBurst();
    const finished = reporter.finishOutput(new AbortController().signal);
    await tenMinutes();
    await wire.set('up');
    await finished;
    expect(fake.output('build', 'stdout').equals(BURST)).toBe(true);
    expect(reporter.omitted('build', 'stdout')).toBe(0);
  });

  it('is away at the end: what it has not got by then is counted', async () => {
    await wire.set('reset');
    writeBurst();
    const timeIsUp = new AbortController();
    const finished = reporter.finishOutput(timeIsUp.signal);
    await tenMinutes();
    timeIsUp.abort();
    await finished;
    expect(reporter.omitted('build', 'stdout')).toBe(BURST.length);
  });
});
