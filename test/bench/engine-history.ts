import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import { pruneFinished } from '../../controlplane/store/prune-finished.ts';
import type { Db } from '../../controlplane/store/schema.ts';
import { addApiToken } from '../../controlplane/store/settings/api-tokens.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { startBenchNode } from './bench-node.ts';
import { withServer, type BenchServer } from './bench-server.ts';
import { addEndedTasks, measureList, PAGES } from './ended-tasks.ts';
import { onHeard } from './engine-kinds.ts';
import { Ear, measureWakes, type Lanes, type Wakes } from './lanes.ts';
import { makeListeners } from './listeners.ts';
import { judgeFigure, type Finding, type BenchOptions } from './measure.ts';
import { POOL, startEngine } from './start-engine.ts';

const ENDED = 1_000_000;
const FEWER_ENDED = 20_000;
// Longer than the oldest of a million tasks that ended a minute apart.
const KEPT_DAYS = 3_650;
// As a node prunes (pruneHourly).
const BATCH = 200;
const LISTENERS = 64;
const WAKES = 1_000;
// Pruning is the work of one connection in the background. A wake may take half as long again beside it.
const MOST_GROWTH = 1.5;

/** Measures the list with a long history behind it, and what pruning that history does to tasks that are woken meanwhile. */
export async function benchHistory({ count }: BenchOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const ended of [FEWER_ENDED, count ?? ENDED]) {
    findings.push(...(await withServer((server) => measureLists(server, ended))));
  }
  return [...findings, ...(await withServer((server) => measurePruning(server, count ?? ENDED)))];
}

async function measureLists(server: BenchServer, ended: number): Promise<Finding[]> {
  const masterKey = randomBytes(32);
  const token = randomBytes(32).toString('base64url');
  const { db, close } = openDatabase(server.url, { poolSize: 2 });
  await migrate(db);
  await addApiToken(db, { name: 'bench', role: 'admin', tokenHash: sha256Hex(token) });
  await addEndedTasks(db, ended);
  // A node prunes when it starts.
  await setGroup(db, { name: 'BuildSteps', retentionDays: KEPT_DAYS });
  await close();
  await mkdir(path.join(server.directory, 'node'), { recursive: true });
  const node = await startBenchNode({ databaseUrl: server.url, directory: server.directory, masterKey });
  try {
    const lists: Finding[] = [];
    for (const limit of PAGES) lists.push(await measureList({ url: node.url, token, limit, tasks: ended }));
    return lists;
  } finally {
    await node.close();
  }
}

async function measurePruning(server: BenchServer, ended: number): Promise<Finding[]> {
  const { db, close } = openDatabase(server.url, { poolSize: POOL, plansOnce: true });
  const background = openDatabase(server.url, { poolSize: 1, plansOnce: true });
  await migrate(db);
  const ear = new Ear();
  const listeners = await makeListeners(db, LISTENERS);
  const lanes: Lanes = { ...listeners, next: (lane) => ear.next(lane) };
  onHeard((task, atMs) => ear.tell(listeners.laneOf(task), atMs));
  await addEndedTasks(db, ended);
  const engine = startEngine(server.url, db, 'node-1');
  listeners.onWoken = engine.notify;
  try {
    await measureWakes(lanes, LISTENERS);
    const alone = await measureWakes(lanes, WAKES);
    const stop = new AbortController();
    const pruning = pruneUntil(background.db, stop.signal);
    const beside = await measureWakes(lanes, WAKES);
    stop.abort();
    return [judgePruning(alone, beside, await pruning, ended)];
  } finally {
    await engine.stop();
    await background.close();
    await close();
  }
}

/** Prunes as long as there is something to prune, and returns how many tasks were. */
async function pruneUntil(db: Db, stop: AbortSignal): Promise<number> {
  let pruned = 0;
  let batch = BATCH;
  while (batch === BATCH && !stop.aborted) {
    batch = await pruneFinished(db, BATCH);
    pruned += batch;
  }
  return pruned;
}

function judgePruning(alone: Wakes, beside: Wakes, pruned: number, ended: number): Finding {
  const times = ({ p50Ms, p99Ms }: Wakes): string => `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  return judgeFigure({
    what: `p50 of ${WAKES} wakes while ${ended.toLocaleString('en')} ended tasks are pruned, to that without`,
    value: beside.p50Ms / alone.p50Ms,
    unit: 'times',
    beside: ` (${times(beside)}; without ${times(alone)}; ${pruned} were pruned meanwhile)`,
    atMost: MOST_GROWTH,
  });
}
