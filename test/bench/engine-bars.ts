import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import type { Db } from '../../controlplane/store/schema.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { addOf } from '../kit/engine.ts';
import { withServer } from './bench-server.ts';
import { onHeard, onSpun } from './engine-kinds.ts';
import { Ear, measureCycles, measureWakes, type Lanes } from './lanes.ts';
import { addSleepers, makeListeners } from './listeners.ts';
import { judgeFigure, type Measurement } from './measure.ts';
import { CONCURRENCY, POOL, startEngine } from './start-engine.ts';

// The promised load of one node with an embedded database on two cores.
const SLEEPERS = 100_000;
const WAKE_P50_MS = 6;
const WAKE_P99_MS = 25;
const CYCLES_PER_SECOND = 500;
const STEPS_PER_SECOND = 1_500;

const LISTENERS = 200;
const WAKES = 2_000;
const SPINNERS = 50;
const MEASURED_MS = 10_000;

/** Measures the bars of the engine: one node in this process, and signals from this process. */
export async function benchEngineBars(): Promise<Measurement[]> {
  return withServer(async (server) => {
    const { db, close } = openDatabase(server.url, { poolSize: POOL, plansOnce: true });
    try {
      await migrate(db);
      await setGroup(db, { name: 'Spinner', maxRunning: 1_000_000 });
      const ear = new Ear();
      const listeners = await makeListeners(db, LISTENERS);
      const lanes: Lanes = { ...listeners, next: (lane) => ear.next(lane) };
      onHeard((task, atMs) => ear.tell(listeners.laneOf(task), atMs));
      await addSleepers(db, SLEEPERS);
      const withNode = async <T>(measure: () => Promise<T>): Promise<T> => {
        const engine = startEngine(server.url, db, 'node-1');
        listeners.onWoken = engine.notify;
        return measure().finally(() => engine.stop());
      };
      return [
        ...(await withNode(() => judgeWakes(lanes))),
        await withNode(() => judgeCycles(lanes)),
        await withNode(() => judgeSteps(db)),
      ];
    } finally {
      await close();
    }
  });
}

async function judgeWakes(lanes: Lanes): Promise<Measurement[]> {
  const { p50Ms, p99Ms, count } = await measureWakes(lanes, WAKES);
  const figure = (part: string, value: number, atMost: number): Measurement =>
    judgeFigure({
      what: `signal committed → method running, ${SLEEPERS} sleepers, ${part}`,
      value,
      unit: 'ms',
      beside: ` (of ${count})`,
      atMost,
    });
  return [figure('p50', p50Ms, WAKE_P50_MS), figure('p99', p99Ms, WAKE_P99_MS)];
}

async function judgeCycles(lanes: Lanes): Promise<Measurement> {
  return judgeFigure({
    what: `cycles of signal, wake, step and save, ${CONCURRENCY} at once, ${SLEEPERS} sleepers`,
    value: await measureCycles(lanes, CONCURRENCY, MEASURED_MS),
    unit: 'a second',
    beside: '',
    atLeast: CYCLES_PER_SECOND,
  });
}

async function judgeSteps(db: Db): Promise<Measurement> {
  let steps = 0;
  onSpun(() => (steps += 1));
  for (let n = 0; n < SPINNERS; n += 1) await addOf(db, 'Spinner');
  const before = steps;
  const startedMs = performance.now();
  await systemClock.sleep(MEASURED_MS);
  return judgeFigure({
    what: `immediate steps of ${SPINNERS} tasks, each saved`,
    value: ((steps - before) * 1_000) / (performance.now() - startedMs),
    unit: 'a second',
    beside: '',
    atLeast: STEPS_PER_SECOND,
  });
}
