import type { Next } from '../store/tasks/save-step.ts';

/** Callbacks for metrics. The engine calls each at once when the event happens. An observer never throws. */
export interface EngineObserver {
  /** This node has claimed a task of the queue. */
  claimed(task: { readonly isTakeover: boolean }): void;
  stepBegan(): void;
  /** The database has answered a save, with `fenced` too. */
  saved(kind: Next['kind']): void;
}
