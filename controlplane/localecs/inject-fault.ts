import { AwsError } from './aws-error.ts';
import type { Blow } from './faults.ts';
import type { LocalWorld } from './action-context.ts';

export async function strike(world: LocalWorld, blow: Blow): Promise<void> {
  const task = world.state.tasks[blow.task];
  if (!task) throw new AwsError('InvalidParameterException', `There is no task ${blow.task}.`);
  if (blow.kind === 'crash') world.life.crash(task, blow.reason);
  else world.life.stop(task, { stopCode: blow.stopCode, reason: blow.reason });
  await world.save();
}
