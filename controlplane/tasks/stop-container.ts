import { OperationalError } from '../../shared/model/error.ts';
import type { Bag, WipContext } from './context.ts';

function stopBag(bag: Bag): { stopFailed?: string } {
  return bag;
}

/** Stops the container through ECS. What the build came to does not depend on ECS: it may be throttling, or out of reach. */
export async function stopContainer(context: WipContext): Promise<void> {
  const bag = stopBag(context.bag);
  delete bag.stopFailed;
  try {
    await context.container()?.kill(`The Wip task ${context.taskId} is through with it`);
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    bag.stopFailed = error.message;
    context.log('WARN', `The container could not be stopped: ${error.message}`);
  }
}

/** Whether ECS did not take the last stop, so that it has to be sent again. */
export function hasStopFailed(context: WipContext): boolean {
  return stopBag(context.bag).stopFailed !== undefined;
}
