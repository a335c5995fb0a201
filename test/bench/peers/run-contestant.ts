import { Ear, machineMs, measureCycles, measureWakes, type Lanes } from '../lanes.ts';
import type { StartContestant } from './contestant.ts';
import { Order, type ContestantName, type Result } from './order.ts';

// One contestant in a process of its own. It sends, works and is measured here, like all others.

const LOAD: Readonly<Record<ContestantName, () => Promise<StartContestant>>> = {
  wip: async () => (await import('./wip.ts')).startWip,
  'skip-locked': async () => (await import('./skip-locked.ts')).startSkipLocked,
  'graphile-worker': async () => (await import('./graphile-worker.ts')).startGraphileWorker,
  'pg-boss': async () => (await import('./pg-boss.ts')).startPgBoss,
  dbos: async () => (await import('./dbos.ts')).startDbos,
};

async function measure({ name, url, directory, lanes: count, wakes, cyclesMs }: Order): Promise<Result> {
  const ear = new Ear();
  const start = await LOAD[name]();
  const contestant = await start({
    url,
    directory,
    lanes: count,
    concurrency: count,
    hear: (lane) => ear.tell(lane, machineMs()),
  });
  const lanes: Lanes = { count, send: (lane) => contestant.send(lane), next: (lane) => ear.next(lane) };
  // The first calls compile, plan and connect, which is not compared.
  await measureWakes(lanes, count);
  const { p50Ms, p99Ms } = await measureWakes(lanes, wakes);
  const cyclesPerSecond = await measureCycles(lanes, count, cyclesMs);
  await contestant.close();
  return { p50Ms, p99Ms, cyclesPerSecond };
}

process.once('disconnect', () => process.exit(0));
process.once('message', (message) => {
  void measure(Order.parse(message)).then((result) => process.send?.(result, () => process.exit(0)));
});
