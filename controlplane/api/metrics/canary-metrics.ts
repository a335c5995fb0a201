import { Gauge, type Registry } from 'prom-client';
import { decideCanaryHealth } from '../../containers/canary-health.ts';
import { decideLaunchPhases, type LaunchInstants } from '../../containers/launch-phases.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';

interface EndedCanary {
  readonly exitStatus: ExitStatus;
  readonly completedAt: Date;
  readonly launch: LaunchInstants;
}

interface CanaryGauges {
  reset(): void;
  /** Fills the gauges with the canaries that have ended, the newest first. */
  fill(ends: readonly EndedCanary[]): void;
}

/** Adds the gauges of the canaries, which are the same on every node. */
export function addCanaryGauges(registry: Registry): CanaryGauges {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> =>
    new Gauge({ name, help: `${help}, the same on every node`, labelNames, registers: [registry] });
  const launch = gauge('wip_canary_launch_seconds', 'Launch of the canary that ended last', 'phase');
  const failures = gauge('wip_canary_failures_in_a_row', 'Canaries that failed since the last success');
  const alarm = gauge('wip_canary_alarm', 'Two canaries or more have failed in a row: 1, else 0');
  const endedAt = gauge('wip_canary_ended_timestamp_seconds', 'When the last canary ended; 0 without one');
  const reset = (): void => [launch, failures, alarm, endedAt].forEach((one) => one.reset());
  const fill = (ends: readonly EndedCanary[]): void => {
    const { failuresInARow, isAlarming } = decideCanaryHealth(ends);
    failures.set(failuresInARow);
    alarm.set(isAlarming ? 1 : 0);
    const [last] = ends;
    if (!last) return;
    endedAt.set(last.completedAt.getTime() / 1_000);
    for (const [phase, seconds] of Object.entries(decideLaunchPhases(last.launch))) launch.set({ phase }, seconds);
  };
  return { reset, fill };
}
