import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { openDatabase } from '../../controlplane/store/database.ts';
import { DatabaseOutage } from '../../controlplane/store/database-outage.ts';
import { createWakeChannel } from '../../controlplane/store/create-wake-channel.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { withServer } from './bench-server.ts';
import { Ear, measureCycles, measureWakes, type Lanes } from './lanes.ts';
import { addSleepers, makeListeners } from './listeners.ts';
import type { Finding } from './measure.ts';
import { ListenerNodeOrder, ListenerNodeWord } from './listener-node-order.ts';
import { CONCURRENCY, POOL } from './start-engine.ts';

const PROGRAM = path.join(import.meta.dirname, 'listener-node.ts');
const SLEEPERS = [0, 20_000, 100_000];
const NODES = 3;
const LISTENERS = 200;
const WAKES = 600;
const CYCLES_MS = 5_000;
// The embedded server has 60 connections: those of the sender, and for each node these and one that listens.
const NODE_POOL = 12;

/**
 * Runs one, two and three nodes as processes beside each other, on the same two cores as the database and the sender.
 */
export async function benchEngineScaling(): Promise<Finding[]> {
  return withServer(async (server) => {
    const { db, close } = openDatabase(server.url, { poolSize: POOL, plansOnce: true });
    const stop = new AbortController();
    // The sender is no node: nodes learn from the database which tasks it has woken, as they do from each other.
    const sender = createWakeChannel({
      url: server.url,
      clock: systemClock,
      outage: new DatabaseOutage(new RecordingLog(), systemClock),
      onWake: () => undefined,
    });
    const telling = sender.run(stop.signal);
    try {
      await migrate(db);
      const ear = new Ear();
      const listeners = await makeListeners(db, LISTENERS);
      listeners.onWoken = sender.notify;
      const lanes: Lanes = { ...listeners, next: (lane) => ear.next(lane) };
      const startNode = (name: string): Promise<ChildProcess> =>
        start({ name, url: server.url, pool: NODE_POOL }, (task, atMs) => ear.tell(listeners.laneOf(task), atMs));
      const rows: string[][] = [];
      let sleeping = 0;
      for (const sleepers of SLEEPERS) {
        if (sleepers > sleeping) await addSleepers(db, sleepers - sleeping);
        sleeping = sleepers;
        rows.push(...(await measureNodes(sleepers, lanes, startNode)));
      }
      const title = `nodes as processes, pools of ${NODE_POOL}: committed → running one at a time (of ${WAKES}), and cycles with ${CONCURRENCY} at once`;
      return [{ title, columns: ['nodes', 'sleepers', 'p50', 'p99', 'cycles/s'], rows }];
    } finally {
      stop.abort();
      await telling;
      await close();
    }
  });
}

async function measureNodes(
  sleepers: number,
  lanes: Lanes,
  startNode: (name: string) => Promise<ChildProcess>,
): Promise<string[][]> {
  const nodes: ChildProcess[] = [];
  const rows: string[][] = [];
  try {
    for (let count = 1; count <= NODES; count += 1) {
      nodes.push(await startNode(`node-${count}`));
      // In its first calls a node compiles, plans and connects.
      await measureWakes(lanes, lanes.count);
      const { p50Ms, p99Ms } = await measureWakes(lanes, WAKES);
      const cycles = await measureCycles(lanes, CONCURRENCY, CYCLES_MS);
      const figures = [`${p50Ms.toFixed(1)} ms`, `${p99Ms.toFixed(1)} ms`, cycles.toFixed(0)];
      rows.push([String(count), sleepers.toLocaleString('en'), ...figures]);
    }
  } finally {
    await Promise.all(nodes.map(stop));
  }
  return rows;
}

async function start(order: ListenerNodeOrder, onHeard: (task: number, atMs: number) => void): Promise<ChildProcess> {
  const child = fork(PROGRAM, [], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const running = new Promise<void>((resolve, reject) => {
    child.on('message', (message) => {
      const word = ListenerNodeWord.parse(message);
      if (word.kind === 'runs') resolve();
      else onHeard(word.task, word.atMs);
    });
    child.once('exit', (code) => reject(new Error(`${order.name} ended with exit code ${code}`)));
  });
  child.send(order);
  await running;
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}
