import { randomBytes, randomUUID } from 'node:crypto';
import { AttemptUuid, CallbackId } from '../../shared/model/ids.ts';
import { seal, unseal } from '../../shared/support/sealing.ts';
import { enrolmentSecret, sha256Hex } from '../../shared/support/signing.ts';
import type { LaunchOutcome } from '../containers/container.ts';
import { LaunchRequest, type LaunchIdentity, type LaunchLedger } from '../containers/launch-ledger.ts';
import { createClientKeyPair } from '../ssh/key-pair.ts';
import { intendLaunch, type NewAttempt } from '../store/attempts/intend-launch.ts';
import { markLaunched, markStopped, markVoid } from '../store/attempts/mark-attempt.ts';
import { findEffect, settleEffect } from '../store/effects/effects.ts';
import type { AttemptRow } from '../store/schema.ts';
import type { Fence } from '../store/tasks/begin-step.ts';
import { LeaveTask, type ClusterAccess, type EngineWorld } from './engine-world.ts';

/** What a ledger needs to know of the task whose container is launched. */
export interface LaunchingTask {
  readonly fence: Fence;
  /** effectKey of this launch: scope entry, so that a repeated entry is the same launch. */
  readonly key: string;
  readonly clusterName: string;
  readonly access: ClusterAccess;
  /** How many attempts there have been. */
  readonly attempts: number;
  readonly currentAttempt: number | null;
  /** Told which attempt is current from now on. */
  readonly onAttempt: (attempt: AttemptRow) => void;
}

const requestPlace = (key: string): string => `effect/${key}/request`;
export const clientKeyPlace = (attemptUuid: string): string => `container_attempt/${attemptUuid}/client_key`;

/**
 * Makes one launch crash-exact. An attempt and its final request are committed before anything is sent; while an
 * earlier attempt may still have a container, that one is resolved and no second one is made.
 */
export function createLaunchLedger(world: EngineWorld, task: LaunchingTask): LaunchLedger {
  let current: { attempt: AttemptRow; key: string } | null = null;

  async function intend(
    build: (identity: LaunchIdentity) => Promise<LaunchRequest>,
  ): ReturnType<LaunchLedger['intend']> {
    // Twice: the first look may find an earlier attempt that turns out to be over.
    for (let look = 0; look < 2; look += 1) {
      const made = await newAttempt(world, task, build);
      await world.failpoint('before-launch-intent');
      const intent = await intendLaunch(world.db, task.fence, made);
      await world.failpoint('after-launch-intent');
      if (intent.kind === 'fenced') throw new LeaveTask('fenced');
      if (intent.kind === 'intended') {
        current = { attempt: intent.attempt, key: made.effect.key };
        task.onAttempt(intent.attempt);
        return {
          request: openRequest(world, made.effect.key, intent.effect.request),
          outcome: storedOutcome(intent.effect),
        };
      }
      const resolved = await resolveEarlier(world, task, intent.attempt);
      if (resolved === 'over') continue;
      current = { attempt: intent.attempt, key: launchKeyOf(intent.attempt) };
      return resolved;
    }
    throw new Error(`the earlier container attempt of task ${task.fence.id} is over and still unresolved`);
  }

  async function settle(outcome: LaunchOutcome): Promise<void> {
    if (!current) throw new Error('a launch was settled that was never intended');
    const { attempt, key } = current;
    await world.failpoint('before-launch-settled');
    if (outcome.kind === 'launched') await markLaunched(world.db, attempt.id, outcome.arn);
    else if (outcome.kind !== 'no_information') await markVoid(world.db, attempt.id, outcome.cause);
    const state = outcome.kind === 'launched' ? 'answered' : outcome.kind === 'no_information' ? 'unknown' : 'refused';
    await settleEffect(world.db, { taskId: task.fence.id, key, state, answer: outcome });
    await world.failpoint('after-launch-settled');
  }

  return { intend, settle };
}

async function newAttempt(
  world: EngineWorld,
  task: LaunchingTask,
  build: (identity: LaunchIdentity) => Promise<LaunchRequest>,
): Promise<{ effect: { key: string; name: string; scope: string; request: string }; attempt: NewAttempt }> {
  const uuid = AttemptUuid.parse(randomUUID());
  // 64 bytes are 86 url-safe characters (signals.md 1).
  const callbackId = CallbackId.parse(randomBytes(64).toString('base64url'));
  const masterKey = world.masterKey.reveal();
  const secret = enrolmentSecret(masterKey, uuid);
  const number = task.attempts + 1;
  const keys = createClientKeyPair();
  const base = world.publicUrl();
  const request = await build({
    taskId: task.fence.id,
    attemptNumber: number,
    attemptUuid: uuid,
    signalUrl: `${base}/v1/signal/${callbackId}`,
    signalBody: {},
    enrolUrl: `${base}/v1/enrol`,
    enrolToken: `${uuid}.${secret}`,
    startedBy: `wip/${world.installationId}/${task.fence.id}/${number}`,
  });
  return {
    effect: {
      key: task.key,
      name: 'launch',
      scope: 'entry',
      request: seal(masterKey, JSON.stringify(request), requestPlace(task.key)),
    },
    attempt: {
      uuid,
      number,
      cluster: task.clusterName,
      taskDefinition: request.runTask.taskDefinition,
      callbackId,
      secretHash: sha256Hex(secret),
      clientKeySealed: seal(masterKey, keys.privateKey, clientKeyPlace(uuid)),
      clientPublicKey: keys.publicLine,
    },
  };
}

function openRequest(world: EngineWorld, key: string, sealed: string): LaunchRequest {
  return LaunchRequest.parse(JSON.parse(unseal(world.masterKey.reveal(), sealed, requestPlace(key))));
}

/** The outcome of an effect whose launch was answered or refused before; null when it must be asked for. */
function storedOutcome(effect: { state: string; answer: unknown }): LaunchOutcome | null {
  return effect.state === 'answered' || effect.state === 'refused' ? (effect.answer as LaunchOutcome) : null;
}

function launchKeyOf(attempt: AttemptRow): string {
  if (!attempt.launchKey) throw new Error(`container attempt ${attempt.uuid} has no launch effect`);
  return attempt.launchKey;
}

/** An earlier attempt that may still have a container: its own launch goes on, or it must be over first. */
async function resolveEarlier(
  world: EngineWorld,
  task: LaunchingTask,
  attempt: AttemptRow,
): Promise<'over' | Awaited<ReturnType<LaunchLedger['intend']>>> {
  const key = launchKeyOf(attempt);
  const effect = await findEffect(world.db, task.fence.id, key);
  if (!effect) throw new Error(`the launch effect of container attempt ${attempt.uuid} is gone`);
  const request = openRequest(world, key, effect.request);
  const isCurrent = attempt.number === task.currentAttempt;
  const arn = attempt.arn ?? (isCurrent ? null : await task.access.ecs.findStartedBy(request.runTask.startedBy));
  if (!arn) {
    // Of the current attempt it is not known whether it was launched: the same request again finds out.
    if (isCurrent) return { request, outcome: null };
    await markVoid(world.db, attempt.id, 'given-up');
    return 'over';
  }
  const look = await task.access.ecs.describe(arn, 'fresh');
  if (look.kind === 'seen' && (look.lastStatus === 'STOPPED' || look.lastStatus === 'DELETED')) {
    await markStopped(world.db, attempt.id, 'stopped');
    return 'over';
  }
  if (isCurrent && !(look.kind === 'seen' && look.desiredStatus === 'STOPPED')) {
    return { request, outcome: { kind: 'launched', arn } };
  }
  await task.access.ecs.stopTask(arn, 'wip: a newer run of its task needs another container');
  const sentence = `Container attempt ${attempt.number} has not stopped yet, and the next one waits for that.`;
  return { request, outcome: { kind: 'no_information', cause: 'previous-container', sentence } };
}
