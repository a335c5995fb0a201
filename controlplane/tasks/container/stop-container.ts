import { OperationalError } from '../../../shared/model/error.ts';
import { asClause } from './as-clause.ts';
import type { Bag, WipContext } from '../context.ts';
import { launchBag } from './launch-bag.ts';

interface StopBag {
  stopFailed?: string;
  stopRemedy?: string;
}

function stopBag(bag: Bag): StopBag {
  return bag;
}

/**
 * Stops the container through ECS. A failure is kept and not thrown: ECS may throttle or be unreachable, and the result
 * of the build must not depend on it.
 */
export async function stopContainer(context: WipContext): Promise<void> {
  const bag = stopBag(context.bag);
  delete bag.stopFailed;
  delete bag.stopRemedy;
  try {
    await context.container()?.kill(`The Wip task ${context.taskId} is through with it`);
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    bag.stopFailed = error.happened;
    bag.stopRemedy = error.remedy;
    context.log('WARN', `The container could not be stopped: ${error.message}`);
  }
}

/** Returns whether ECS did not accept the last stop, so that it must be sent again, and tells why the task waits for that. */
export function hasStopFailed(context: WipContext): boolean {
  const { stopFailed, stopRemedy: remedy } = stopBag(context.bag);
  if (stopFailed === undefined) return false;
  context.waitsFor(`its container could not be stopped, which is tried again: ${asClause(stopFailed)}`, {
    code: 'stop-failed',
    ...(remedy !== undefined && { remedy }),
  });
  return true;
}

const LEFT_BEHIND = 'The container of the task could not be released, and is stopped in the background.';

/** Says that the container was left behind. An exit that is no success keeps its status and its message. */
export function warnOfContainer(context: WipContext): void {
  if (launchBag(context.bag).launch?.outcome.kind === 'no_information') {
    context.log(
      'ERROR',
      'It is not known whether the launch has led to a container; the reaper stops one that turns up.',
    );
  } else context.log('ERROR', 'The container could not be released; the reaper will stop it.');
  const { status = 'NOT_FINISHED', message = '', detail } = context.exited ?? {};
  if (status !== 'COMPLETED' && status !== 'NOT_FINISHED') return;
  context.exit('WARNING', message === '' ? LEFT_BEHIND : `${message} ${LEFT_BEHIND}`, {
    ...(detail === undefined ? {} : { detail }),
    cause: 'container-left-behind',
  });
}
