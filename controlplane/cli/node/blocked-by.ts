/** The key of the global function that returns whose code is running. */
export const CURRENT_METHOD = Symbol.for('wip-ecs.current-method');

/** The owner of the code that blocks a node. */
export interface BlockedBy {
  readonly kind: string;
  readonly taskId: number | null;
  readonly state: string | null;
  readonly method: string;
}

/** The input of the watching thread. */
export interface WatchOrder {
  /** Shared memory with a counter that the watched thread increases regularly. */
  readonly beats: Int32Array;
  readonly blockedSeconds: number;
}
