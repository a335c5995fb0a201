import { createTaskWatchers, type TaskWatchers } from './api/tasks/streams/task-watchers.ts';
import { engineSettings } from './engine-settings.ts';
import type { EngineObserver } from './engine/engine-observer.ts';
import { NO_FAULTS, type EngineDeps } from './engine/engine-deps.ts';
import { createIdentities } from './engine/identities.ts';
import { nextTurn } from '../shared/time/next-turn.ts';
import { createSealer } from '../shared/keys/sealing.ts';
import { Engine } from './engine/run/engine.ts';
import { createSender } from './outbox/send-request.ts';
import { createStepStore } from './store/create-step-store.ts';
import { createWakeChannel } from './store/create-wake-channel.ts';
import type { NodeState } from './node-state.ts';
import { readHostKey } from './ssh/legacy/read-host-key.ts';

/** The engine of a node with what wakes it and who watches it. */
export interface NodeEngine {
  readonly engineDeps: EngineDeps;
  readonly engine: Engine;
  readonly watchers: TaskWatchers;
  readonly wakes: ReturnType<typeof createWakeChannel>;
}

function observerOf({ metrics, tracing }: NodeState): EngineObserver {
  return {
    ...metrics.engine,
    taskEnded(end) {
      metrics.engine.taskEnded(end);
      tracing.taskEnded(end);
    },
  };
}

/** Builds the engine and the channel that wakes it. Neither is started. */
export function createNodeEngine(node: NodeState): NodeEngine {
  const { options, database, clients, kinds, installation } = node;
  const watchers = createTaskWatchers(options.clock);
  const wakes = createWakeChannel({
    url: database.url,
    clock: options.clock,
    outage: database.outage,
    onWake: (id) => {
      // What is told of no task may be a change of a cluster. It comes before the tasks that wait for it are claimed.
      if (id === null) clients.clusters.forgetRows();
      engine.wake(id ?? undefined);
      if (id !== null) watchers.notify(id, 'any');
    },
  });
  const settings = engineSettings(options);
  const engineDeps: EngineDeps = {
    ...settings,
    unhandledFound: nextTurn,
    outage: database.outage,
    observer: observerOf(node),
    traceparentOf: (task, attempt) => node.tracing.traceparentOf(task, attempt),
    failpoint: options.failpoint ?? NO_FAULTS,
    notifyNodes: wakes.notify,
    db: database.db,
    store: createStepStore(database.db),
    identities: createIdentities(installation.keyring.keys),
    sealer: createSealer(installation.keyring.keys),
    leaseDb: database.leaseDb,
    kinds,
    clusters: clients.clusters,
    agents: clients.agents,
    readHostKey,
    sendRequest: createSender(settings.settings.outgoingHosts),
    masterKey: installation.keyring.keys,
    installationId: installation.id,
    publicUrl: () => node.url,
    decryptBuildValue: (text) => installation.buildKeys.open(text),
  };
  const engine = new Engine(engineDeps);
  return { engineDeps, engine, watchers, wakes };
}
