import { endCauseOf } from '../../containers/causes/end-cause.ts';
import { startedByOf } from '../../containers/started-by.ts';
import type { TaskUuid } from '../../../shared/model/ids.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import type { LaunchOutcome } from '../../containers/container.ts';
import {
  isLegacyLaunch,
  LaunchRequest,
  type LaunchEntry,
  type LaunchIdentity,
  type LaunchLedger,
} from '../../containers/launch-ledger.ts';
import { ClusterLocation, isSameCluster, locationKey } from '../../ecs/config/cluster-location.ts';
import type { LaunchTarget } from '../../ecs/launch/launch-once.ts';
import type { LaunchIntent, NewAttempt } from '../../store/attempts/intend-launch.ts';
import type { KnownEffect } from '../../store/effects/effects.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { TaskLease } from '../../store/tasks/leases.ts';
import { clientKeyContext, requestContext } from '../../store/secrets/seal-contexts.ts';
import { LeaveTask, type ClusterAccess, type StepDeps } from '../engine-deps.ts';

/** The task whose container is launched. */
export interface LaunchingTask {
  readonly lease: TaskLease;
  readonly uuid: TaskUuid;
  /** effectKey of this launch. Its scope is the entry of the state, so a repeated entry is the same launch. */
  readonly key: string;
  /** Number of attempts so far. */
  readonly attempts: number;
  readonly currentAttempt: number | null;
  /** Opens the cluster of a new attempt. */
  readonly openNew: () => Promise<NewTarget>;
  /** Opens the cluster of an existing attempt: the one it was intended for, whichever is active now. */
  readonly openOf: (attempt: AttemptRow) => Promise<OpenTarget>;
  /** Called with the attempt that is current from now on. */
  readonly onAttempt: (attempt: AttemptRow) => void;
}

export type LedgerDeps = Pick<
  StepDeps,
  'store' | 'identities' | 'sealer' | 'installationId' | 'publicUrl' | 'observer' | 'traceparentOf' | 'failpoint'
>;

export type OpenTarget = LaunchTarget & Pick<ClusterAccess, 'name' | 'location'>;
/** The cluster of a new attempt, and why it goes there. */
type NewTarget = OpenTarget & { readonly reason: string };
type Entry = LaunchEntry<OpenTarget>;
type Build = (identity: LaunchIdentity, target: OpenTarget) => Promise<LaunchRequest>;

// More than one try, because the first may find that an earlier attempt is over, or that the row of a cluster has just been
// deleted.
const MAX_TRIES = 3;

/**
 * Launches a container at most once, in spite of crashes. An attempt and its final request are committed before anything is sent.
 * While an earlier attempt may still have a container, that attempt is resolved and no second one is made. ECS is asked in the
 * cluster of the attempt: another cluster would not know its client token and would start a second container.
 */
export function createLaunchLedger(deps: LedgerDeps, task: LaunchingTask): LaunchLedger<LaunchTarget> {
  let current: { attempt: AttemptRow; key: string } | null = null;

  async function intend(build: Build): Promise<Entry> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const known = await deps.store.recallLaunch(task.lease, task.key);
      const target = known ? null : await task.openNew();
      const intent = target ? await intendNew(target, build) : known;
      switch (intent?.kind) {
        case 'lost':
          throw new LeaveTask('lost');
        case 'intended': {
          current = { attempt: intent.attempt, key: task.key };
          task.onAttempt(intent.attempt);
          const request = openRequest(deps, task.key, intent.effect.request);
          return {
            request,
            outcome: storedOutcome(intent.effect),
            target: target ?? (await task.openOf(intent.attempt)),
          };
        }
        case 'unresolved': {
          const resolved = await resolveEarlier(deps, task, intent.attempt);
          if (resolved === 'over') continue;
          current = { attempt: intent.attempt, key: launchKeyOf(intent.attempt) };
          return resolved;
        }
        case 'cluster-gone':
        case undefined:
      }
    }
    throw new Error(`the earlier container attempt of task ${task.lease.id} is over and still unresolved`);
  }

  async function intendNew(target: NewTarget, build: Build): Promise<LaunchIntent> {
    const made = await newAttempt(deps, task, target, build);
    await deps.failpoint('before-launch-intent');
    const intent = await deps.store.intendLaunch(task.lease, made);
    await deps.failpoint('after-launch-intent');
    return intent;
  }

  async function settle(outcome: LaunchOutcome): Promise<void> {
    if (!current) throw new Error('a launch was settled that was never intended');
    const { attempt, key } = current;
    deps.observer.launchAnswered(outcome.kind);
    await deps.failpoint('before-launch-settled');
    if (outcome.kind === 'launched') await deps.store.markLaunched(attempt.id, outcome.arn);
    else if (outcome.kind !== 'no_information') await giveUp(deps, attempt, outcome);
    const state = outcome.kind === 'launched' ? 'answered' : outcome.kind === 'no_information' ? 'unknown' : 'refused';
    await deps.store.settleEffect({ taskId: task.lease.id, key, state, answer: outcome });
    await deps.failpoint('after-launch-settled');
  }

  return { intend, settle };
}

/** Notes that the attempt will have no container, and why. */
async function giveUp(
  { store }: LedgerDeps,
  attempt: AttemptRow,
  outcome: LaunchOutcome & { kind: 'no_resources' | 'refused' },
): Promise<void> {
  const { cause, sentence, fault = null, remedy = null, evidence = [] } = outcome;
  await store.markVoid(attempt.id, cause);
  await store.markExplained(attempt.id, endCauseOf({ cause, fault, retry: null, sentence, remedy, evidence }));
}

async function newAttempt(
  deps: LedgerDeps,
  task: LaunchingTask,
  target: NewTarget,
  build: Build,
): Promise<{ effect: { key: string; name: string; scope: string; request: string }; attempt: NewAttempt }> {
  const { uuid, callbackId, keys, signalSecret } = deps.identities.attempt();
  const secret = deps.identities.enrolmentSecret(uuid);
  const number = task.attempts + 1;
  const base = deps.publicUrl();
  const identity = {
    taskId: task.lease.id,
    attemptNumber: number,
    attemptUuid: uuid,
    signalUrl: `${base}/v1/signal/${callbackId}`,
    signalBody: {},
    signalUser: `${uuid}:${signalSecret}`,
    sshPublicKey: keys.publicLine,
    enrolUrl: `${base}/v1/enrol`,
    enrolToken: `${uuid}.${secret}`,
    startedBy: startedByOf(deps.installationId, { taskId: task.lease.id, number }),
    traceparent: deps.traceparentOf(task.uuid, uuid),
  };
  const request = await build(identity, target);
  return {
    effect: {
      key: task.key,
      name: 'launch',
      scope: 'entry',
      request: deps.sealer.seal(JSON.stringify(request), requestContext(task.key)),
    },
    attempt: {
      uuid,
      number,
      cluster: target.name,
      location: { ...target.location },
      clusterReason: target.reason,
      taskDefinition: request.runTask.taskDefinition,
      callbackId,
      secretHash: sha256Hex(secret),
      signalSecretHash: isLegacyLaunch(request) ? sha256Hex(signalSecret) : null,
      clientKeySealed: deps.sealer.seal(keys.privateKey, clientKeyContext(uuid)),
      clientPublicKey: keys.publicLine,
    },
  };
}

function openRequest(deps: LedgerDeps, key: string, sealed: string): LaunchRequest {
  return LaunchRequest.parse(JSON.parse(deps.sealer.open(sealed, requestContext(key))));
}

/**
 * Returns the outcome of an effect whose launch was answered or refused before; null when ECS must be asked for it.
 */
function storedOutcome(effect: { state: string; answer: unknown }): LaunchOutcome | null {
  return effect.state === 'answered' || effect.state === 'refused' ? (effect.answer as LaunchOutcome) : null;
}

function launchKeyOf(attempt: AttemptRow): string {
  if (!attempt.launchKey) throw new Error(`container attempt ${attempt.uuid} has no launch effect`);
  return attempt.launchKey;
}

/**
 * Resolves an earlier attempt that may still have a container: its own launch is continued, or it must be over first.
 */
async function resolveEarlier(deps: LedgerDeps, task: LaunchingTask, attempt: AttemptRow): Promise<'over' | Entry> {
  const key = launchKeyOf(attempt);
  const effect = await deps.store.findEffect(task.lease.id, key);
  if (!effect) throw new Error(`the launch effect of container attempt ${attempt.uuid} is gone`);
  if (await isNowhere(task, attempt, effect)) {
    await deps.store.markVoid(attempt.id, 'cluster-missing');
    return 'over';
  }
  const request = openRequest(deps, key, effect.request);
  const isCurrent = attempt.number === task.currentAttempt;
  const target = await task.openOf(attempt);
  const { ecs } = target;
  const arn = attempt.arn ?? (isCurrent ? null : await ecs.findStartedBy(request.runTask.startedBy));
  if (!arn) {
    // No answer to the launch of the current attempt was stored. Sending the same request again reveals whether the container was
    // launched.
    if (isCurrent) return { request, outcome: null, target };
    await deps.store.markVoid(attempt.id, 'given-up');
    return 'over';
  }
  const snapshot = await ecs.describe(arn, 'fresh');
  if (snapshot.kind === 'seen' && (snapshot.lastStatus === 'STOPPED' || snapshot.lastStatus === 'DELETED')) {
    await deps.store.markStopped(attempt.id, 'stopped');
    return 'over';
  }
  if (isCurrent && !(snapshot.kind === 'seen' && snapshot.desiredStatus === 'STOPPED')) {
    return { request, outcome: { kind: 'launched', arn }, target };
  }
  await ecs.stopTask(arn, 'wip: a newer run of its task needs another container');
  const sentence = `Container attempt ${attempt.number} has not stopped yet, and the next one waits for that.`;
  return { request, outcome: { kind: 'no_information', cause: 'previous-container', sentence }, target };
}

/**
 * Returns whether ECS said that the attempt's cluster does not exist and new attempts go to another cluster by now. Then no
 * container is in it: an operator has corrected the cluster's name or region.
 */
async function isNowhere(task: LaunchingTask, attempt: AttemptRow, effect: KnownEffect): Promise<boolean> {
  if (attempt.arn !== null || attempt.location === null || effect.state !== 'unknown') return false;
  if ((effect.answer as LaunchOutcome & { kind: 'no_information' }).cause !== 'cluster-missing') return false;
  const [there, now] = [ClusterLocation.parse(attempt.location), (await task.openNew()).location];
  // One access key may be valid for several accounts, so ARNs with different accounts are different clusters.
  return locationKey(now) !== locationKey(there) || !isSameCluster(now, there);
}
