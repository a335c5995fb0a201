import type { Clock } from '../../shared/time/clock.ts';
import type { ControlPlaneConfig } from '../config-fields.ts';

interface DrainDeps {
  readonly config: Pick<ControlPlaneConfig, 'drain_seconds'>;
  readonly clock: Clock;
  /** Aborts when somebody asks the node to end. */
  readonly stop?: AbortSignal;
}

/**
 * Returns a wait that ends `drain_seconds` after the node began to end. Until then a balancer that has not asked /readyz yet
 * sends requests here, and they are answered. A node that cannot go on waits for nobody.
 */
export function createDrain({ config, clock, stop }: DrainDeps): { begin(): void; end(): Promise<void> } {
  let endsAtMs = 0;
  return {
    begin() {
      if (stop?.aborted) endsAtMs = clock.monotonicMs() + config.drain_seconds * 1_000;
    },
    async end() {
      const leftMs = endsAtMs - clock.monotonicMs();
      // Nothing cuts it short but the end of the process: its length is the operator's own setting.
      if (leftMs > 0) await clock.sleep(leftMs);
    },
  };
}
