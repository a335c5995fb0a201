import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql, type Kysely } from 'kysely';
import { openDatabase } from '../../controlplane/store/database.ts';
import { startEmbeddedPostgres } from '../../controlplane/store/embedded-postgres.ts';
import { listenForWakes } from '../../controlplane/store/listen-for-wakes.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import type { AttemptRow, Schema } from '../../controlplane/store/schema.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { claimTasks } from '../../controlplane/store/tasks/claim-tasks.ts';
import { saveStep } from '../../controlplane/store/tasks/save-step.ts';
import type { WipClass } from '../../controlplane/tasks/basic-wip.ts';
import { systemClock } from '../../shared/support/clock.ts';
import { addOf, engineWorld, runEngine } from '../kit/engine.ts';
import { eventually } from '../kit/eventually.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { launchAttempt, sendSignal } from '../kit/store.ts';
import { LISTENER, onHeard, onSpun, SPINNER } from './engine-kinds.ts';
import type { Measurement } from './measure.ts';

// engine.md section 5: one node, embedded, two cores.
const SLEEPERS = 100_000;
const WAKE_P50_MS = 6;
const WAKE_P99_MS = 25;
const CYCLES_PER_SECOND = 500;
const STEPS_PER_SECOND = 1_500;

const LISTENERS = 200;
const WAKES = 2_000;
const SPINNERS = 50;
const MEASURED_MS = 10_000;
// As `wipctl serve` has them (CONTROL_PLANE_FIELDS).
const POOL = 16;
const CONCURRENCY = 64;

interface Listening {
  readonly id: number;
  readonly attempt: AttemptRow;
  sequence: number;
}

/** What a node does with its own class; the listeners are given a container's attempt, because signals belong to one. */
export async function benchEngine(): Promise<Measurement[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'wip-bench-'));
  const server = await startEmbeddedPostgres({
    directory: path.join(directory, 'db'),
    log: new RecordingLog(),
    clock: systemClock,
  });
  const { db, close } = openDatabase(server.url, { poolSize: POOL });
  try {
    await migrate(db);
    for (const name of ['Listener', 'Spinner']) await setGroup(db, { name, maxRunning: 1_000_000 });
    const listening = await makeListeners(db);
    await addSleepers(db);
    return [
      ...(await withNode(server.url, db, () => measureWakes(db, listening))),
      await withNode(server.url, db, () => measureCycles(db, listening)),
      await withNode(server.url, db, () => measureSteps(db)),
    ];
  } finally {
    await close();
    await server.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function withNode<T>(url: string, db: Kysely<Schema>, measure: () => Promise<T>): Promise<T> {
  const kinds: WipClass[] = [LISTENER, SPINNER];
  const engine = runEngine(engineWorld(db, kinds, { concurrency: CONCURRENCY }));
  const stop = new AbortController();
  const listening = listenForWakes(
    { url, clock: systemClock, log: new RecordingLog(), onWake: () => engine.wake() },
    stop.signal,
  );
  try {
    return await measure();
  } finally {
    await engine.stop();
    stop.abort();
    await listening;
  }
}

async function makeListeners(db: Kysely<Schema>): Promise<Listening[]> {
  for (let n = 0; n < LISTENERS; n += 1) await addOf(db, 'Listener');
  const engine = runEngine(engineWorld(db, [LISTENER]));
  await eventually('all listeners to wait', async () => {
    const { rows } = await sql<{ count: number }>`SELECT count(*)::int AS count FROM task WHERE status = 1`.execute(db);
    return rows[0]?.count === LISTENERS;
  });
  await engine.stop();
  await sql`UPDATE task SET wake_at = now()`.execute(db);
  const claim = { node: 'bench', limit: LISTENERS, leaseSeconds: 30, kinds: [{ kind: 'Listener', classVersion: '1' }] };
  const listening: Listening[] = [];
  for (const task of await claimTasks(db, claim)) {
    listening.push({ id: task.id, attempt: await launchAttempt(db, task), sequence: 0 });
    await saveStep(db, task, { next: { kind: 'wait', seconds: 3_600, isCutBySignals: true } });
  }
  return listening;
}

/** Rows like those of started tasks that wait for tomorrow. */
async function addSleepers(db: Kysely<Schema>): Promise<void> {
  await sql`
    INSERT INTO task (uuid, work_id, kind, class_version, title, group_name, priority, options, status, slot, wake_at, started_at)
    SELECT gen_random_uuid(), 'sleeper ' || n, 'Listener', '1', 'A sleeper', 'Listener', 2, '{}', 1, 'own',
      now() + interval '1 day', now()
    FROM generate_series(1, ${SLEEPERS}) AS n`.execute(db);
  await sql`ANALYZE`.execute(db);
}

/** One signal after the other, each to another task: from the commit to the method that hears it. */
async function measureWakes(db: Kysely<Schema>, listening: readonly Listening[]): Promise<Measurement[]> {
  const times: number[] = [];
  for (let n = 0; n < WAKES; n += 1) {
    const one = listening[n % listening.length]!;
    const heard = onHeard(one.id);
    await sendSignal(db, one.attempt, (one.sequence += 1));
    const committedMs = performance.now();
    times.push(Math.max(0, (await heard) - committedMs));
  }
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
  const what = (part: string): string => `signal committed → method running, ${SLEEPERS} sleepers, ${part}`;
  return [
    judge(what('p50'), at(0.5), WAKE_P50_MS, times.length),
    judge(what('p99'), at(0.99), WAKE_P99_MS, times.length),
  ];
}

function judge(what: string, measuredMs: number, maxMs: number, count: number): Measurement {
  const measured = `${measuredMs.toFixed(1)} ms (of ${count})`;
  return { what, measured, promise: `<= ${maxMs} ms`, isKept: measuredMs <= maxMs };
}

/** Each task gets its next signal when it has heard the last one. */
async function measureCycles(db: Kysely<Schema>, listening: readonly Listening[]): Promise<Measurement> {
  const endMs = performance.now() + MEASURED_MS;
  let cycles = 0;
  await Promise.all(
    listening.slice(0, CONCURRENCY).map(async (one) => {
      while (performance.now() < endMs) {
        const heard = onHeard(one.id);
        await sendSignal(db, one.attempt, (one.sequence += 1));
        await heard;
        cycles += 1;
      }
    }),
  );
  return rate(`cycles of signal, wake, step and save, ${SLEEPERS} sleepers`, cycles, CYCLES_PER_SECOND);
}

async function measureSteps(db: Kysely<Schema>): Promise<Measurement> {
  let steps = 0;
  onSpun(() => (steps += 1));
  for (let n = 0; n < SPINNERS; n += 1) await addOf(db, 'Spinner');
  const before = steps;
  const startedMs = performance.now();
  await systemClock.sleep(MEASURED_MS);
  const tookMs = performance.now() - startedMs;
  const done = ((steps - before) * MEASURED_MS) / tookMs;
  return rate(`immediate steps of ${SPINNERS} tasks, each saved`, done, STEPS_PER_SECOND);
}

function rate(what: string, count: number, least: number): Measurement {
  const perSecond = Math.round((count * 1_000) / MEASURED_MS);
  return { what, measured: `${perSecond} a second`, promise: `>= ${least} a second`, isKept: perSecond >= least };
}
