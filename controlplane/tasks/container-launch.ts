import { assertNever } from '../../shared/model/assert-never.ts';
import type { ContainerInterface, LaunchOutcome } from '../containers/container.ts';
import type { Bag, WipContext } from './context.ts';
import { asClause } from './as-clause.ts';
import { secondsBetween } from './result-status.ts';

// How many ECS tasks one Wip task may use up in failing starts before it ends (ours).
const MAX_LAUNCHES = 3;
// A launch with an unknown outcome is repeated after this time, with the same client token. It is half of the row's
// wait, so that every second visit repeats it.
const RESOLVE_AFTER_SECONDS = 15;
// How long ECS may give no answer before the task ends: the same budget as the witnesses have (containers/liveness.ts).
const NO_INFORMATION_BUDGET_SECONDS = 900;

/** The state whose bag the states of both blocks share. */
const LAUNCH_STATE = 'containerWipInvoke';

/** The part of the bag that the states of the start block share. */
export interface LaunchBag {
  launch?: { outcome: LaunchOutcome; at: string };
  unresolvedSince?: string;
  address?: { host: string; port: number };
  /** The number of the attempt that the task has asked to shut down. */
  releasedAttempt?: number;
}

export function launchBag(bag: Bag): LaunchBag {
  return bag;
}

export function forgetLaunch(bag: Bag): void {
  const part = launchBag(bag);
  delete part.launch;
  delete part.unresolvedSince;
  delete part.address;
  delete part.releasedAttempt;
}

/** Notes that the task itself asks the agent of its current container to shut down. */
export function noteRelease(context: WipContext): void {
  const number = context.attempt?.number;
  if (number !== undefined) launchBag(context.bag).releasedAttempt = number;
}

export function wasReleaseRequested(context: WipContext): boolean {
  const { releasedAttempt } = launchBag(context.bagOf(LAUNCH_STATE));
  return releasedAttempt !== undefined && releasedAttempt === context.attempt?.number;
}

/** Runs a configured container and keeps the outcome for `waitForLaunch`. */
export async function launchContainer(context: WipContext, container: ContainerInterface): Promise<void> {
  const bag = launchBag(context.bag);
  // An exit set by an earlier launch is cleared: it holds only if this launch sets it too.
  if (bag.launch && context.exited?.status === 'ERROR_SYSTEM') context.exit('NOT_FINISHED', '');
  const outcome = await container.run();
  bag.launch = { outcome, at: context.now.toISOString() };
  if (outcome.kind !== 'no_information') delete bag.unresolvedSince;
  else bag.unresolvedSince ??= context.now.toISOString();
  context.waitsFor(launchWait(outcome));
  if (outcome.kind === 'launched') context.log('INFO', `Container ${outcome.arn} was launched.`);
  else context.log('WARN', outcome.sentence, { userReadable: outcome.kind === 'no_resources' });
}

/** Completes "The task waits because …" after a launch. */
function launchWait(outcome: LaunchOutcome): string {
  switch (outcome.kind) {
    case 'launched':
      return 'its container is being launched';
    case 'no_resources':
      return asClause(outcome.sentence);
    case 'no_information':
      return `it is not known yet whether its container was launched: ${asClause(outcome.sentence)}`;
    case 'refused':
      return `its container was not launched: ${asClause(outcome.sentence)}`;
    default:
      return assertNever(outcome);
  }
}

type WaitForLaunch = 'success' | 'wait' | 'uninitialized' | 'no_resources' | 'fail' | 'no_information' | 'terminated';

/** Returns the present outcome of the launch. Throws if another launch cannot help. */
export async function waitForLaunch(context: WipContext): Promise<WaitForLaunch> {
  const { launch, unresolvedSince } = launchBag(context.bag);
  if (!launch) return 'uninitialized';
  const { outcome } = launch;
  context.waitsFor(launchWait(outcome));
  switch (outcome.kind) {
    case 'no_resources':
      return 'no_resources';
    case 'refused':
      context.exit('ERROR_SYSTEM', outcome.sentence, { detail: outcome.remedy, cause: outcome.cause });
      return 'fail';
    case 'no_information':
      return repeatLaunch(context, outcome, { at: launch.at, since: unresolvedSince ?? launch.at });
    case 'launched':
      return await waitForReady(context, launch.at);
    default:
      return assertNever(outcome);
  }
}

function repeatLaunch(
  context: WipContext,
  outcome: LaunchOutcome & { kind: 'no_information' },
  { at, since }: { at: string; since: string },
): WaitForLaunch {
  if (secondsBetween(since, context.now) > NO_INFORMATION_BUDGET_SECONDS) {
    context.exit('ERROR_SYSTEM', outcome.sentence, { cause: outcome.cause });
    throw new Error(outcome.sentence);
  }
  if (secondsBetween(at, context.now) < RESOLVE_AFTER_SECONDS) return 'no_information';
  // The launch is repeated with its own client token, as often as the budget allows.
  context.clearTransitionCount(LAUNCH_STATE, 'uninitialized');
  return 'uninitialized';
}

async function waitForReady(context: WipContext, launchedAt: string): Promise<WaitForLaunch> {
  const view = await context.liveness();
  if (view.verdict === 'terminated') {
    const isLast = (context.attempt?.number ?? 0) >= MAX_LAUNCHES;
    if (view.retry !== 'launch-again' || isLast) return 'terminated';
    context.exit('ERROR_SYSTEM', view.sentence, { cause: view.cause ?? 'container-terminated' });
    return 'fail';
  }
  if (view.verdict === 'last_words') {
    if (view.waitsFor) context.waitsFor(view.waitsFor);
    return 'wait';
  }
  if (context.attempt?.ready) return 'success';
  const { startSeconds } = context.settings;
  if (secondsBetween(launchedAt, context.now) > startSeconds) {
    const message = `The container was not ready ${startSeconds} s after its launch.`;
    context.exit('ERROR_SYSTEM', message, { cause: 'start-timeout' });
    throw new Error(message);
  }
  if (view.waitsFor) context.waitsFor(view.waitsFor);
  return view.verdict === 'no_information' || view.verdict === 'unreachable' ? 'no_information' : 'wait';
}
