import type { HeartbeatReport } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { Monitoring } from './monitoring.ts';
import type { Workload } from '../process/workload.ts';

export interface HeartbeatsWorld {
  readonly everySeconds: number;
  readonly monitoring: Monitoring;
  readonly workload: Workload;
  readonly clock: Clock;
  readonly send: (report: HeartbeatReport) => void;
}

/** Tells until the signal aborts how the container is; the control plane says how often. */
export async function sendHeartbeats(world: HeartbeatsWorld, signal: AbortSignal): Promise<void> {
  const { monitoring, workload, clock } = world;
  while (!signal.aborted) {
    await clock.sleep(world.everySeconds * 1_000, signal);
    if (signal.aborted) return;
    world.send({
      at: clock.now().toISOString(),
      usage: monitoring.usage(),
      progress: workload.figures().progress,
      secondsToTimeLimit: monitoring.secondsToTimeLimit(),
      secondsToDiskLimit: monitoring.seen.secondsToDiskLimit,
    });
  }
}
