import type { Next } from '../store/tasks/save-step.ts';

/** Called by the engine at what it does, before anything else can follow; for metrics. An observer never throws. */
export interface EngineObserver {
  /** A task of the queue is this node's. */
  claimed(task: { readonly isTakeover: boolean }): void;
  stepBegan(): void;
  /** The database has answered a save, `fenced` included. */
  saved(kind: Next['kind']): void;
}
