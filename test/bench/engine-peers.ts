import { fork } from 'node:child_process';
import path from 'node:path';
import { withServer, type BenchServer } from './bench-server.ts';
import type { Finding } from './measure.ts';
import { installPeers, PEERS, type Installed, type PeerPackage } from './peers/install-peers.ts';
import { Result, type ContestantName, type Order } from './peers/order.ts';

const PROGRAM = path.join(import.meta.dirname, 'peers/run-contestant.ts');
const LANES = 64;
const WAKES = 1_000;
const CYCLES_MS = 5_000;
// A measurement takes 20 s where a wake takes 10 ms. A peer that polls every second would need 18 minutes, and is not
// awaited.
const BOUND_MS = 180_000;

interface Entrant {
  readonly name: ContestantName;
  readonly package: PeerPackage | null;
  /** The setting of the contestant, and what is sent to what. */
  readonly setting: string;
}

const ENTRANTS: readonly Entrant[] = [
  { name: 'wip', package: null, setting: 'a signal to a waiting task; LISTEN/NOTIFY' },
  { name: 'skip-locked', package: null, setting: 'a row of a bare table, no record of anything; LISTEN/NOTIFY' },
  { name: 'graphile-worker', package: 'graphile-worker', setting: 'a job; LISTEN/NOTIFY, no batching' },
  { name: 'pg-boss', package: 'pg-boss', setting: 'a job; useListenNotify and notify, one worker, batchSize 64' },
  { name: 'dbos', package: '@dbos-inc/dbos-sdk', setting: 'send to a workflow in recv; useListenNotify' },
];

/**
 * Measures other projects with the same work on the same server, one after the other, each in a process and a
 * database of its own.
 */
export async function benchEnginePeers(): Promise<Finding[]> {
  const installed = await installPeers();
  return withServer(async (server) => {
    const rows: string[][] = [];
    let ours: Result | undefined;
    for (const entrant of ENTRANTS) {
      const result = await enter(server, entrant, installed);
      if (entrant.name === 'wip' && typeof result !== 'string') ours = result;
      rows.push([label(entrant), ...cellsOf(result, ours), entrant.setting]);
    }
    const title = `committed → running one at a time (of ${WAKES}), and cycles with ${LANES} at once; nothing else is in the database`;
    return [{ title, columns: ['', 'p50', 'p99', 'cycles/s', 'p50 to ours', 'cycles to ours', 'setting'], rows }];
  });
}

function label({ name, package: peer }: Entrant): string {
  return peer ? `${name} ${PEERS[peer]}` : name;
}

function cellsOf(result: Result | string, ours: Result | undefined): string[] {
  if (typeof result === 'string') return [`skipped: ${result}`, '', '', '', ''];
  const { p50Ms, p99Ms, cyclesPerSecond } = result;
  const times = (value: number, own: number | undefined): string => (own ? `× ${(value / own).toFixed(2)}` : '');
  return [
    `${p50Ms.toFixed(1)} ms`,
    `${p99Ms.toFixed(1)} ms`,
    cyclesPerSecond.toFixed(0),
    times(p50Ms, ours?.p50Ms),
    times(cyclesPerSecond, ours?.cyclesPerSecond),
  ];
}

/** Returns the figures of the contestant, or why there are none. */
async function enter(server: BenchServer, entrant: Entrant, installed: Installed): Promise<Result | string> {
  if (entrant.package && installed.kind === 'none') return installed.why;
  const url = await server.createDatabase(`of_${entrant.name.replaceAll('-', '_')}`);
  const directory = installed.kind === 'ready' ? installed.directory : '';
  return run({ name: entrant.name, url, directory, lanes: LANES, wakes: WAKES, cyclesMs: CYCLES_MS });
}

function run(order: Order): Promise<Result | string> {
  // Deprecated features in a peer concern its makers.
  const execArgv = ['--disable-warning=ExperimentalWarning', '--disable-warning=DeprecationWarning'];
  const child = fork(PROGRAM, [], { execArgv });
  const late = setTimeout(() => child.kill('SIGKILL'), BOUND_MS);
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(Result.parse(message)));
    child.once('exit', (code) => {
      clearTimeout(late);
      resolve(code === null ? `it was not through after ${BOUND_MS / 1_000} s` : `it ended with exit code ${code}`);
    });
    child.send(order);
  });
}
