import type { ContainerInterface, LaunchOutcome } from '../../containers/container.ts';
import { LASTING_SECONDS } from '../../containers/launch-alarm.ts';
import type { WipContext } from '../context.ts';
import { countContainerless } from './count-containerless.ts';
import { LAUNCH_STATE, launchBag, waitingSince } from './launch-bag.ts';
import { isForRoom, tellLaunchWait } from './launch-wait.ts';
import { nextLaunchAt } from './next-launch.ts';
import { secondsBetween } from './result-status.ts';

// The table's wait after a launch that is repeated is a fail-safe. How it went is looked at after this time.
const RECHECK_SECONDS = 1;

/** Runs a configured container and keeps the outcome for `waitForLaunch`. */
export async function launchContainer(context: WipContext, container: ContainerInterface): Promise<void> {
  const bag = launchBag(context.bag);
  // An exit set by an earlier launch is cleared: it holds only if this launch sets it too.
  if (bag.launch && context.exited?.status === 'ERROR_SYSTEM') context.exit('NOT_FINISHED', '');
  const before = bag.launch;
  const outcome = await container.run();
  const at = context.now.toISOString();
  const tries = before?.outcome.kind === outcome.kind ? (before.tries ?? 1) + 1 : 1;
  const number = context.attempt?.number;
  bag.launch = { outcome, at, number, tries, nextAt: nextLaunchAt(context, outcome.kind, tries) };
  const earlier = before?.number ?? bag.attemptsBefore ?? 0;
  const hadContainer = before === undefined || before.outcome.kind === 'launched';
  const containerless = countContainerless({ earlier, hadContainer, number: number ?? 0 });
  if (containerless > 0) bag.containerless = (bag.containerless ?? 0) + containerless;
  if (outcome.kind !== 'no_information') delete bag.unresolvedSince;
  else bag.unresolvedSince ??= at;
  if (outcome.kind !== 'no_resources') delete bag.noRoomSince;
  else bag.noRoomSince ??= at;
  alertOfLasting(context, outcome);
  tellLaunchWait(context, bag.launch, RECHECK_SECONDS);
  if (outcome.kind === 'launched') context.log('INFO', `Container ${outcome.arn} was launched${elsewhere(outcome)}.`);
  // Once is enough for people: the wait says since when, and how often it was tried.
  else context.log('WARN', outcome.sentence, { userReadable: tries === 1 && isForRoom(outcome) });
}

function elsewhere({ reason }: LaunchOutcome & { kind: 'launched' }): string {
  return reason === undefined ? '' : ` in another cluster than its first, because ${reason}`;
}

/** Tells operators, once, of a cluster that they must correct before anything is launched into it. */
function alertOfLasting(context: WipContext, outcome: LaunchOutcome): void {
  const bag = launchBag(context.bagOf(LAUNCH_STATE));
  if (outcome.kind !== 'no_information' || outcome.fault !== 'configuration') {
    delete bag.isAlerted;
    return;
  }
  const since = waitingSince(context, outcome);
  if (bag.isAlerted || since === null || secondsBetween(since, context.now) < LASTING_SECONDS) return;
  bag.isAlerted = true;
  context.log(
    'ALERT',
    `No container can be launched since ${since}: ${outcome.sentence}. ${outcome.remedy ?? ''}`.trim(),
  );
}
