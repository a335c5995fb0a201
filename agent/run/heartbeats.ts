import type { HeartbeatReport } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Monitoring } from './monitoring.ts';
import type { Workload } from '../process/workload.ts';

export interface HeartbeatsDeps {
  readonly everySeconds: number;
  readonly monitoring: Monitoring;
  readonly workload: Workload;
  readonly clock: Clock;
  readonly send: (report: HeartbeatReport) => void;
}

/** Sends a heartbeat every so many seconds, as the control plane has said, until `abort`. */
export async function sendHeartbeats(deps: HeartbeatsDeps, abort: AbortSignal): Promise<void> {
  const { monitoring, workload, clock } = deps;
  while (!abort.aborted) {
    await clock.sleep(deps.everySeconds * 1_000, abort);
    if (abort.aborted) return;
    deps.send({
      at: clock.now().toISOString(),
      usage: monitoring.usage(),
      progress: workload.figures().progress,
      secondsToTimeLimit: monitoring.secondsToTimeLimit(),
      secondsToDiskLimit: monitoring.observed.secondsToDiskLimit,
    });
  }
}
