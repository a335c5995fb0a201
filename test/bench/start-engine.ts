import type { Kysely } from 'kysely';
import { DatabaseOutage } from '../../controlplane/store/database-outage.ts';
import { createWakeChannel, type WakeChannel } from '../../controlplane/store/create-wake-channel.ts';
import type { Schema } from '../../controlplane/store/schema.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { engineDeps, runEngine } from '../kit/engine.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { LISTENER, SPINNER } from './engine-kinds.ts';

// The default of `wipctl serve` (CONTROL_PLANE_FIELDS).
export const POOL = 16;
export const CONCURRENCY = 64;

export interface BenchEngine {
  readonly notify: WakeChannel['notify'];
  stop(): Promise<void>;
}

/** Starts a node's engine with its listening connection, and tasks that need no container. */
export function startEngine(url: string, db: Kysely<Schema>, node: string): BenchEngine {
  const wakes = createWakeChannel({
    url,
    clock: systemClock,
    outage: new DatabaseOutage(new RecordingLog(), systemClock),
    onWake: (task) => engine.wake(task ?? undefined),
  });
  const { notify } = wakes;
  const engine = runEngine(
    engineDeps(db, [LISTENER, SPINNER], { node, concurrency: CONCURRENCY, notifyNodes: notify }),
  );
  const stop = new AbortController();
  const listening = wakes.run(stop.signal);
  return {
    notify,
    async stop() {
      await engine.stop();
      stop.abort();
      await listening;
    },
  };
}
