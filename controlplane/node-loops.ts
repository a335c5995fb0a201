import { deliverRequests } from './outbox/deliver-requests.ts';
import { followQueues } from './engine/sweep/follow-queues.ts';
import { reportStart } from './engine/sweep/reconcile.ts';
import { sweepContainers } from './engine/sweep/sweep-containers.ts';
import { cleanDefinitions } from './node/clean-definitions.ts';
import type { Closers } from './node/closers.ts';
import { keepNodeAlive } from './node/node-presence.ts';
import { pruneHourly } from './node/prune-hourly.ts';
import { runCanaries } from './node/run-canaries.ts';
import { attemptsToReconcile } from './store/attempts/find-attempt.ts';
import type { NodeEngine } from './node-engine.ts';
import type { NodeState } from './node-state.ts';

/** Starts all that a node does unasked. The closers end it. */
export async function startLoops(
  node: NodeState,
  { engineDeps, engine, wakes }: NodeEngine,
  closers: Closers,
): Promise<void> {
  const { options, database, metrics, clients, installation } = node;
  const { db, outage } = database;
  const stop = new AbortController();
  // Read before a task is touched: what ends from now on was not away.
  const before = await attemptsToReconcile(db);
  const loops = [
    reportStart(engineDeps, before),
    engine.run(stop.signal),
    sweepContainers(engineDeps, stop.signal),
    followQueues(
      {
        ...engineDeps,
        listEventQueues: () => clients.clusters.listEventQueues(),
        onEvent: metrics.onEcsEvent,
      },
      stop.signal,
    ),
    deliverRequests(engineDeps, stop.signal),
    wakes.run(stop.signal),
    keepNodeAlive({ ...options, ...installation.presence, outage, onCount: clients.setLiveNodes }, stop.signal),
    pruneHourly({ ...options, outage, db }, stop.signal),
    cleanDefinitions(
      {
        ...options,
        outage,
        db,
        keep: options.config.keep_definitions,
        listRegistries: () => clients.clusters.listRegistries(),
      },
      stop.signal,
    ),
    runCanaries(
      { ...options, tasks: engineDeps, intervalSeconds: options.config.canary_seconds, outage, db },
      stop.signal,
    ),
  ];
  const noMoreEnds = new AbortController();
  const tracing = node.tracing.run(noMoreEnds.signal);
  closers.add('traces', async () => {
    noMoreEnds.abort();
    await tracing;
  });
  closers.add('engine', async () => {
    stop.abort();
    await Promise.all(loops);
  });
}
