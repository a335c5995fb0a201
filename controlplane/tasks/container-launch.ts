import { assertNever } from '../../shared/model/assert-never.ts';
import type { ContainerInterface, LaunchOutcome } from '../containers/container.ts';
import type { Bag, WipContext } from './context.ts';
import { secondsBetween } from './result-status.ts';

// How many ECS tasks one Wip task may use up before a dying start is its end (ecs.md, "Launching").
const MAX_LAUNCHES = 3;
// An outcome that brought no information is looked into again after this, then the launch is repeated with the
// same client token; half the row's wait, so that every second visit repeats it.
const RESOLVE_AFTER_SECONDS = 15;
// How long ECS may keep from answering before the task ends: the budget of the witnesses (ecs.md, "Three witnesses").
const NO_INFORMATION_BUDGET_SECONDS = 900;

/** What the start block keeps in the bag that its states share. */
export interface LaunchBag {
  launch?: { outcome: LaunchOutcome; at: string };
  unresolvedSince?: string;
  address?: { host: string; port: number };
}

export function launchBag(bag: Bag): LaunchBag {
  return bag;
}

export function forgetLaunch(bag: Bag): void {
  const part = launchBag(bag);
  delete part.launch;
  delete part.unresolvedSince;
  delete part.address;
}

/** Runs a configured container and keeps what came of it for `waitForLaunch`. */
export async function launchContainer(context: WipContext, container: ContainerInterface): Promise<void> {
  const bag = launchBag(context.bag);
  // What an earlier launch said of the task's end is only true if this one says it too.
  if (bag.launch && context.exited?.status === 'ERROR_SYSTEM') context.exit('NOT_FINISHED', '');
  const outcome = await container.run();
  bag.launch = { outcome, at: context.now.toISOString() };
  if (outcome.kind !== 'no_information') delete bag.unresolvedSince;
  else bag.unresolvedSince ??= context.now.toISOString();
  if (outcome.kind === 'launched') context.log('INFO', `Container ${outcome.arn} was launched.`);
  else context.log('WARN', outcome.sentence, { userReadable: outcome.kind === 'no_resources' });
}

type WaitForLaunch = 'success' | 'wait' | 'uninitialized' | 'no_resources' | 'fail' | 'no_information';

/** What has become of the launch by now. Throws where another launch cannot help. */
export async function waitForLaunch(context: WipContext): Promise<WaitForLaunch> {
  const { launch, unresolvedSince } = launchBag(context.bag);
  if (!launch) return 'uninitialized';
  const { outcome } = launch;
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
  // The launch is repeated under its own client token, as often as the budget allows.
  context.clearTransitionCount('containerWipInvoke', 'uninitialized');
  return 'uninitialized';
}

async function waitForReady(context: WipContext, launchedAt: string): Promise<WaitForLaunch> {
  const view = await context.liveness();
  if (view.verdict === 'terminated') {
    context.exit('ERROR_SYSTEM', view.sentence, { cause: view.cause ?? 'container-terminated' });
    const isLast = (context.attempt?.number ?? 0) >= MAX_LAUNCHES;
    if (view.retry !== 'launch-again' || isLast) throw new Error(view.sentence);
    return 'fail';
  }
  if (context.attempt?.ready) return 'success';
  const { startSeconds } = context.settings;
  if (secondsBetween(launchedAt, context.now) > startSeconds) {
    const message = `The container was not ready ${startSeconds} s after its launch.`;
    context.exit('ERROR_SYSTEM', message, { cause: 'start-timeout' });
    throw new Error(message);
  }
  return view.verdict === 'no_information' || view.verdict === 'unreachable' ? 'no_information' : 'wait';
}
