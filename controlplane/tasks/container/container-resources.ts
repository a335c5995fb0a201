import type { WipContext } from '../context.ts';
import { interactionResult, isUnanswered } from './interaction-result.ts';

/** Asks the agent how full the disk of its container is. */
export async function readResources({ agent, bag }: WipContext): Promise<void> {
  const outcome = await agent.health();
  bag['resources'] = interactionResult(outcome);
  bag['usedPercent'] = outcome.kind === 'ok' ? (outcome.value.disk?.usedPercent ?? null) : null;
}

/** Returns the value of `checkContainerResources` for a living container. */
export async function judgeResources(
  context: WipContext,
): Promise<'success' | 'no_resources' | 'no_information' | 'fail'> {
  // The row of no_information does not run the state again, so a container that has not answered is asked here.
  if (isUnanswered(context.bag['resources'])) await readResources(context);
  const { resources, usedPercent } = context.bag;
  if (isUnanswered(resources)) {
    context.waitsFor('its container does not answer how full its disk is');
    return 'no_information';
  }
  if (resources !== 'success') return 'fail';
  const limit = context.settings.maxDiskPercent;
  if (typeof usedPercent !== 'number' || usedPercent <= limit) return 'success';
  const used = Math.round(usedPercent);
  context.waitsFor(`the disk of its container's host is ${used} % full, and must be below ${limit} %`);
  context.log('WARN', `The container's host disk is ${used} % full; waiting until it is below ${limit} %.`, {
    userReadable: true,
  });
  return 'no_resources';
}
