import type { StopCause } from '../../../shared/model/stop-cause.ts';
import type { LaunchOutcome } from '../../containers/container.ts';
import type { Bag, WipContext } from '../context.ts';

/** The state whose bag the states of both blocks share. */
export const LAUNCH_STATE = 'containerWipInvoke';

/** The part of the bag that the states of the start block share. */
export interface LaunchBag {
  launch?: LastLaunch;
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
  /** The attempt whose agent has killed a process because it ends its container. */
  killed?: KilledAttempt;
}

export interface KilledAttempt {
  /** Number of the attempt. */
  readonly number: number;
  readonly cause: StopCause;
  /** When the task learned of it: ISO 8601. */
  readonly since: string;
}

/** The last launch of the task. The optional fields are absent in records of earlier versions. */
export interface LastLaunch {
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
  delete part.killed;
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

/** Returns since when launches in a row ended like this; null for one that ended well, or for good. */
export function waitingSince(context: WipContext, outcome: LaunchOutcome): string | null {
  const { unresolvedSince = null, noRoomSince = null } = launchBag(context.bagOf(LAUNCH_STATE));
  if (outcome.kind === 'no_resources') return noRoomSince;
  return outcome.kind === 'no_information' ? unresolvedSince : null;
}

/** Returns how many containers the task has had since it was started, or restarted. */
export function launchesOf(context: WipContext): number {
  const { containerless = 0, attemptsBefore = 0 } = launchBag(context.bag);
  return (context.attempt?.number ?? 0) - attemptsBefore - containerless;
}
