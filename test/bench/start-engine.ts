import type { Kysely } from 'kysely';
import { listenForWakes } from '../../controlplane/store/listen-for-wakes.ts';
import type { Schema } from '../../controlplane/store/schema.ts';
import { systemClock } from '../../shared/support/clock.ts';
import { engineWorld, runEngine } from '../kit/engine.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { LISTENER, SPINNER } from './engine-kinds.ts';

// As `wipctl serve` has them (CONTROL_PLANE_FIELDS).
export const POOL = 16;
export const CONCURRENCY = 64;

/** A node's engine with its listening connection, and tasks that need no container. */
export function startEngine(url: string, db: Kysely<Schema>, node: string): { stop(): Promise<void> } {
  const engine = runEngine(engineWorld(db, [LISTENER, SPINNER], { node, concurrency: CONCURRENCY }));
  const stop = new AbortController();
  const listening = listenForWakes(
    { url, clock: systemClock, log: new RecordingLog(), onWake: () => engine.wake() },
    stop.signal,
  );
  return {
    async stop() {
      await engine.stop();
      stop.abort();
      await listening;
    },
  };
}
