import { assertNever } from '../../../shared/model/assert-never.ts';
import type { EcsSnapshot, LaunchOutcome } from '../../containers/container.ts';
import type { ExitOptions, LivenessView, WipContext } from '../context.ts';
import { decideReadiness } from './decide-readiness.ts';
import { LAUNCH_STATE, launchBag, launchesOf, waitingSince, type LastLaunch } from './launch-bag.ts';
import { isForRoom, launchBudgetSeconds, tellLaunchWait } from './launch-wait.ts';
import { later, nextLaunchAt } from './next-launch.ts';
import { secondsBetween } from './result-status.ts';

// How many ECS tasks one Wip task may use up in failing starts before it ends (ours).
const MAX_LAUNCHES = 3;
// A launch of a version that noted no time for the next one is repeated after this time.
const UNPLANNED_SECONDS = 15;

type WaitForLaunch =
  'success' | 'wait' | 'spin' | 'uninitialized' | 'no_resources' | 'fail' | 'no_information' | 'terminated';

/** Returns the present outcome of the launch. Throws if another launch cannot help. */
export async function waitForLaunch(context: WipContext): Promise<WaitForLaunch> {
  const { launch } = launchBag(context.bag);
  if (!launch) return 'uninitialized';
  const { outcome } = launch;
  switch (outcome.kind) {
    case 'refused':
      tellLaunchWait(context, launch, null);
      return refuse(context, outcome);
    case 'no_resources':
    case 'no_information':
      return repeatLaunch(context, launch, outcome);
    case 'launched':
      tellLaunchWait(context, launch, null);
      return await waitForReady(context, launch);
    default:
      return assertNever(outcome);
  }
}

function refuse(context: WipContext, outcome: LaunchOutcome & { kind: 'refused' }): WaitForLaunch {
  const { sentence, remedy, cause } = outcome;
  context.exit('ERROR_SYSTEM', sentence, { detail: remedy, cause, ...explanationOf(outcome) });
  // The same request would be refused again.
  if (outcome.retry === 'never') throw new Error(sentence);
  // An operator took an hour and more to correct the cluster. That is no failure of a launch, however often it happens.
  if (cause === 'launch-lost') context.clearTransitionCount(LAUNCH_STATE, 'fail');
  return 'fail';
}

/**
 * Launches again when it is time, or as soon as something has ended the wait early: room was seen in the cluster, or it
 * can be used again. A launch whose outcome is unknown is repeated with its own client token.
 */
function repeatLaunch(
  context: WipContext,
  launch: LastLaunch,
  outcome: LaunchOutcome & { kind: 'no_resources' | 'no_information' },
): WaitForLaunch {
  const budget = launchBudgetSeconds(outcome);
  if (budget !== null && secondsBetween(waitingSince(context, outcome) ?? launch.at, context.now) > budget) {
    context.exit('ERROR_SYSTEM', outcome.sentence, {
      cause: outcome.cause,
      ...(outcome.remedy === undefined ? {} : { detail: outcome.remedy }),
      ...explanationOf(outcome),
    });
    throw new Error(outcome.sentence);
  }
  const nextAt = launch.nextAt ?? later(launch.at, UNPLANNED_SECONDS);
  const leftSeconds = (Date.parse(nextAt) - context.now.getTime()) / 1000;
  const isCutShort = launch.isTold === true && isForRoom(outcome);
  if (leftSeconds > 0 && !isCutShort) {
    launch.isTold = true;
    tellLaunchWait(context, launch, leftSeconds);
    return outcome.kind;
  }
  context.clearTransitionCount(LAUNCH_STATE, 'uninitialized');
  return 'uninitialized';
}

/** Returns what an outcome says besides its sentence; records of earlier versions have little of it. */
function explanationOf(outcome: Exclude<LaunchOutcome, { kind: 'launched' }>): ExitOptions {
  const { fault, remedy, evidence } = outcome;
  return { ...(fault && { fault }), ...(fault && remedy && { remedy }), ...(evidence && { evidence }) };
}

/**
 * Waits after a container that ECS had accepted and then found no room for, as after a launch that was refused for that.
 * No container has run, so it does not count as a launch.
 */
function waitForRoom(context: WipContext, launch: LastLaunch, { cause, sentence, end }: LivenessView): WaitForLaunch {
  const bag = launchBag(context.bag);
  const outcome: LaunchOutcome = {
    kind: 'no_resources',
    cause: cause ?? 'no-capacity',
    sentence: end?.sentence ?? sentence,
    ...(end && { evidence: end.evidence }),
    ...(end?.remedy && { remedy: end.remedy }),
  };
  const tries = (bag.roomless?.ends ?? 0) + 1;
  bag.roomless = { since: bag.roomless?.since ?? launch.at, ends: tries };
  // Each launch that ECS accepts clears it, though the cluster is as full as before.
  bag.noRoomSince = bag.roomless.since;
  const at = context.now.toISOString();
  const nextAt = nextLaunchAt(context, outcome.kind, tries);
  bag.launch = { outcome, at, number: context.attempt?.number, tries, nextAt };
  return repeatLaunch(context, bag.launch, outcome);
}

async function waitForReady(context: WipContext, launch: LastLaunch): Promise<WaitForLaunch> {
  const view = await context.liveness();
  if (view.verdict === 'terminated') {
    if (view.retry === 'wait') return waitForRoom(context, launch, view);
    const isLast = launchesOf(context) >= MAX_LAUNCHES;
    if (view.retry !== 'launch-again' || isLast) return 'terminated';
    context.exit('ERROR_SYSTEM', view.sentence, {
      cause: view.cause ?? 'container-terminated',
      ...(view.fault && { fault: view.fault }),
      ...(view.end && { evidence: view.end.evidence }),
    });
    return 'fail';
  }
  if (view.verdict === 'last_words') {
    if (view.waitsFor) context.waitsFor(view.waitsFor);
    return 'wait';
  }
  const readiness = decideReadiness(context.attempt, await readEcsOfLegacy(context));
  if (readiness === 'ready') return 'success';
  const { startSeconds } = context.settings;
  if (secondsBetween(launch.at, context.now) > startSeconds) {
    const message = `The container was not ready ${startSeconds} s after its launch.`;
    context.exit('ERROR_SYSTEM', message, { cause: 'start-timeout' });
    throw new Error(message);
  }
  if (readiness === 'hint') {
    context.waitsFor('its container says that it is ready, and ECS does not show it as RUNNING yet');
    return 'spin';
  }
  if (view.waitsFor) context.waitsFor(view.waitsFor, view.waitDetail);
  return view.verdict === 'no_information' || view.verdict === 'unreachable' ? 'no_information' : 'wait';
}

/** A container with an agent is ready by its own word, so ECS is not asked for it. */
async function readEcsOfLegacy(context: WipContext): Promise<EcsSnapshot | null> {
  return (context.attempt?.isLegacy === true && (await context.container()?.status())) || null;
}
