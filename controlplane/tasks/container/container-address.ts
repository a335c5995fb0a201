import type { WipContext } from '../context.ts';
import { launchBag } from './launch-bag.ts';

/** Saves the address that ECS reports for the container, and says what the task waits for while there is none. */
export async function noteAddress(context: WipContext): Promise<void> {
  const bag = launchBag(context.bag);
  const address = await context.container()?.address();
  if (address) {
    bag.address = address;
    return;
  }
  delete bag.address;
  context.waitsFor('ECS has not reported the address of its container yet');
}

export function hasAddress(context: WipContext): boolean {
  return launchBag(context.bag).address !== undefined;
}

/**
 * Returns the value of a state that waits for the address of a container that lives. An ECS that does not answer says nothing
 * about the address, so only its answers count against the row's limit: no outage of ECS may end a task.
 */
export async function addressValue(context: WipContext): Promise<'yes' | 'no' | 'no_information'> {
  const snapshot = await context.container()?.status();
  if (snapshot?.kind === 'unknown') {
    context.waitsFor(`the address of its container is not known: ${snapshot.sentence}`);
    return 'no_information';
  }
  if (snapshot?.kind === 'seen' && snapshot.address) await noteAddress(context);
  return hasAddress(context) ? 'yes' : 'no';
}
