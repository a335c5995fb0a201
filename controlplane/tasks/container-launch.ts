import { assertNever } from '../../shared/model/assert-never.ts';
import type { ContainerInterface, LaunchOutcome } from '../containers/container.ts';
import type { Bag, ExitOptions, LivenessView, WipContext } from './context.ts';
import { countContainerless } from './count-containerless.ts';
import { LASTING_SECONDS } from '../containers/launch-alarm.ts';
import { decideLaunchPauseSeconds } from '../containers/launch-backoff.ts';
import { sha256Hex } from '../../shared/support/signing.ts';
import { describeLaunchWait, isForRoom, launchBudgetSeconds } from './launch-wait.ts';
import { secondsBetween } from './result-status.ts';

// How many ECS tasks one Wip task may use up in failing starts before it ends (ours).
const MAX_LAUNCHES = 3;
// The table's wait after a launch that is repeated is a fail-safe. How it went is looked at after this time.
const RECHECK_SECONDS = 1;
// A launch of a version that noted no time for the next one is repeated after this time.
const UNPLANNED_SECONDS = 15;

/** The state whose bag the states of both blocks share. */
const LAUNCH_STATE = 'containerWipInvoke';

/** The part of the bag that the states of the start block share. */
export interface LaunchBag {
  launch?: Launch;
  unresolvedSince?: string;
  /** Since when launches in a row ended without room. */
  noRoomSince?: string;
  /** Since when, and how often, ECS has accepted containers and then had no room for them. */
  roomless?: { readonly since: string; readonly ends: number };
  /** Attempts that led to no container. They do not count as launches. */
  containerless?: number;
  /** Whether operators were told that the cluster must be corrected. */
  isAlerted?: boolean;
  /** Number of the last attempt before the task was started, or restarted. */
  attemptsBefore?: number;
  address?: { host: string; port: number };
  /** The number of the attempt that the task has asked to shut down. */
  releasedAttempt?: number;
}

/** The last launch of the task. The optional fields are absent in records of earlier versions. */
interface Launch {
  outcome: LaunchOutcome;
  at: string;
  /** Number of the attempt. */
  number?: number | undefined;
  /** How many launches in a row ended like this. */
  tries?: number;
  /** When the next one is due. */
  nextAt?: string;
  /** Whether the task has begun to wait for that time. */
  isTold?: boolean;
}

export function launchBag(bag: Bag): LaunchBag {
  return bag;
}

function forgetLaunch(bag: Bag): void {
  const part = launchBag(bag);
  delete part.launch;
  delete part.unresolvedSince;
  delete part.noRoomSince;
  delete part.roomless;
  delete part.containerless;
  delete part.address;
  delete part.releasedAttempt;
}

/** Notes that launches count anew: the task was started, or restarted. */
export function beginLaunches(context: WipContext): void {
  const bag = context.bagOf(LAUNCH_STATE);
  forgetLaunch(bag);
  launchBag(bag).attemptsBefore = context.attempt?.number ?? 0;
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
  const before = bag.launch;
  const outcome = await container.run();
  const at = context.now.toISOString();
  const tries = before?.outcome.kind === outcome.kind ? (before.tries ?? 1) + 1 : 1;
  const number = context.attempt?.number;
  const pauseSeconds = decideLaunchPauseSeconds(outcome.kind, tries, chanceOf(context, tries));
  bag.launch = { outcome, at, number, tries, nextAt: later(at, pauseSeconds) };
  const earlier = before?.number ?? bag.attemptsBefore ?? 0;
  const hadContainer = before === undefined || before.outcome.kind === 'launched';
  const containerless = countContainerless({ earlier, hadContainer, number: number ?? 0 });
  if (containerless > 0) bag.containerless = (bag.containerless ?? 0) + containerless;
  if (outcome.kind !== 'no_information') delete bag.unresolvedSince;
  else bag.unresolvedSince ??= at;
  if (outcome.kind !== 'no_resources') delete bag.noRoomSince;
  else bag.noRoomSince ??= at;
  alertOfLasting(context, outcome);
  tellWait(context, bag.launch, RECHECK_SECONDS);
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

function tellWait(context: WipContext, { outcome, at }: Launch, recheckSeconds: number | null): void {
  const { clause, detail } = describeLaunchWait(outcome, waitingSince(context, outcome) ?? at);
  context.waitsFor(clause, recheckSeconds === null ? detail : { ...detail, recheckSeconds });
}

/** Returns since when launches in a row ended like this; null for one that ended well, or for good. */
function waitingSince(context: WipContext, outcome: LaunchOutcome): string | null {
  const { unresolvedSince = null, noRoomSince = null } = launchBag(context.bagOf(LAUNCH_STATE));
  if (outcome.kind === 'no_resources') return noRoomSince;
  return outcome.kind === 'no_information' ? unresolvedSince : null;
}

/**
 * Returns a number in [0, 1) that differs between tasks and between tries, and is the same when a step is repeated: a
 * simulated run has to end alike each time.
 */
function chanceOf({ taskUuid }: WipContext, tries: number): number {
  return Number.parseInt(sha256Hex(`${taskUuid} launch ${tries}`).slice(0, 8), 16) / 2 ** 32;
}

function later(at: string, seconds: number): string {
  return new Date(Date.parse(at) + seconds * 1000).toISOString();
}

type WaitForLaunch = 'success' | 'wait' | 'uninitialized' | 'no_resources' | 'fail' | 'no_information' | 'terminated';

/** Returns the present outcome of the launch. Throws if another launch cannot help. */
export async function waitForLaunch(context: WipContext): Promise<WaitForLaunch> {
  const { launch } = launchBag(context.bag);
  if (!launch) return 'uninitialized';
  const { outcome } = launch;
  switch (outcome.kind) {
    case 'refused':
      tellWait(context, launch, null);
      return refuse(context, outcome);
    case 'no_resources':
    case 'no_information':
      return repeatLaunch(context, launch, outcome);
    case 'launched':
      tellWait(context, launch, null);
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
  launch: Launch,
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
    tellWait(context, launch, leftSeconds);
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

/** Returns how many containers the task has had since it was started, or restarted. */
function launchesOf(context: WipContext): number {
  const { containerless = 0, attemptsBefore = 0 } = launchBag(context.bag);
  return (context.attempt?.number ?? 0) - attemptsBefore - containerless;
}

/**
 * Waits after a container that ECS had accepted and then found no room for, as after a launch that was refused for that.
 * No container has run, so it does not count as a launch.
 */
function waitForRoom(context: WipContext, launch: Launch, { cause, sentence, end }: LivenessView): WaitForLaunch {
  const bag = launchBag(context.bag);
  const outcome: LaunchOutcome = {
    kind: 'no_resources',
    cause: cause ?? 'no-capacity',
    sentence: end?.sentence ?? sentence,
    ...(end && { evidence: end.evidence }),
    ...(end?.remedy && { remedy: end.remedy }),
  };
  const at = context.now.toISOString();
  const tries = (bag.roomless?.ends ?? 0) + 1;
  const pauseSeconds = decideLaunchPauseSeconds(outcome.kind, tries, chanceOf(context, tries));
  bag.roomless = { since: bag.roomless?.since ?? launch.at, ends: tries };
  // Each launch that ECS accepts clears it, though the cluster is as full as before.
  bag.noRoomSince = bag.roomless.since;
  bag.launch = { outcome, at, number: context.attempt?.number, tries, nextAt: later(at, pauseSeconds) };
  return repeatLaunch(context, bag.launch, outcome);
}

async function waitForReady(context: WipContext, launch: Launch): Promise<WaitForLaunch> {
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
  if (context.attempt?.ready) return 'success';
  const { startSeconds } = context.settings;
  if (secondsBetween(launch.at, context.now) > startSeconds) {
    const message = `The container was not ready ${startSeconds} s after its launch.`;
    context.exit('ERROR_SYSTEM', message, { cause: 'start-timeout' });
    throw new Error(message);
  }
  if (view.waitsFor) context.waitsFor(view.waitsFor, view.waitDetail);
  return view.verdict === 'no_information' || view.verdict === 'unreachable' ? 'no_information' : 'wait';
}
