/** The name of the global function that says whose code runs. */
export const CURRENT_METHOD = Symbol.for('wip-ecs.current-method');

/** Whose code holds a node. */
export interface HeldBy {
  readonly kind: string;
  readonly taskId: number | null;
  readonly state: string | null;
  readonly method: string;
}

/** What the watching thread is given. */
export interface WatchOrder {
  /** Shared with the thread that is watched, which adds one now and then. */
  readonly beats: Int32Array;
  readonly heldSeconds: number;
}
