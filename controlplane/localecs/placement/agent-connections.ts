import type { LocalTask } from '../local-state.ts';

/**
 * Whether ECS reaches the machines of tasks. It orders a stop, and hears of an end, through the ECS agent of the machine: while
 * that is not connected, both wait.
 */
export class AgentConnections {
  readonly #isReached: (task: LocalTask) => boolean;
  readonly #waiting = new Set<{ readonly task: LocalTask; readonly resolve: () => void }>();

  constructor(isReached: (task: LocalTask) => boolean) {
    this.#isReached = isReached;
  }

  /** Resolves when the machine of the task is reached; null when it is by now. */
  wait(task: LocalTask): Promise<void> | null {
    if (this.#isReached(task)) return null;
    return new Promise((resolve) => this.#waiting.add({ task, resolve }));
  }

  /** Called when connections may have changed. */
  changed(): void {
    for (const waiting of this.#waiting) {
      if (!this.#isReached(waiting.task)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}
