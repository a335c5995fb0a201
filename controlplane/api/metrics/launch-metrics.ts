import { Gauge, type Registry } from 'prom-client';
import { judgeLaunchBlock } from '../../containers/launch-alarm.ts';

/** Tasks that wait to be launched for one reason. */
interface WaitingLaunches {
  readonly code: string;
  readonly seconds: number;
  readonly tasks: number;
}

interface LaunchGauges {
  reset(): void;
  fill(blocks: readonly WaitingLaunches[]): void;
}

/** Adds the gauges of tasks that wait to be launched, which are the same on every node. */
export function addLaunchGauges(registry: Registry): LaunchGauges {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> =>
    new Gauge({ name, help: `${help}, the same on every node`, labelNames, registers: [registry] });
  const waiting = gauge('wip_launches_waiting', 'Tasks whose launch led to no container, by reason', 'reason');
  const seconds = gauge('wip_launches_waiting_seconds', 'How long the first of them has waited', 'reason');
  const alarm = gauge(
    'wip_launch_alarm',
    'Launches wait for something that an operator must correct, or for an answer of ECS: 1, else 0',
  );
  return {
    reset: () => [waiting, seconds, alarm].forEach((one) => one.reset()),
    fill(blocks) {
      for (const block of blocks) {
        waiting.set({ reason: block.code }, block.tasks);
        seconds.set({ reason: block.code }, block.seconds);
      }
      alarm.set(blocks.some((block) => judgeLaunchBlock(block) === 'alarm') ? 1 : 0);
    },
  };
}
