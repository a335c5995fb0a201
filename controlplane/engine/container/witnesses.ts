import type { z } from 'zod';
import { CLASS_ID, ExitSignal, OutputSignal, ReadySignal } from '../../../shared/protocol/signals.ts';
import { StopCause } from '../../../shared/model/stop-cause.ts';
import { saysWhy } from '../../containers/causes/rows/agent-cause-rows.ts';
import { explainSilence, explainStop, type Cause } from '../../containers/causes/causes.ts';
import type { EcsSnapshot } from '../../containers/container.ts';
import { describeContainerWait, detailContainerWait } from '../../containers/container-wait.ts';
import { endCauseOf, RELEASED, type EndCause } from '../../containers/causes/end-cause.ts';
import type { Liveness, Witnesses } from '../../containers/liveness.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { EcsWitness } from '../../store/schema/container-tables.ts';
import type { AttemptView, LivenessView } from '../../tasks/context.ts';

/** Signals of the current attempt that tell how its container ended, whether consumed or not. */
export interface AttemptSignals {
  readonly ready: ReadySignal | null;
  readonly output: OutputSignal | null;
  readonly exit: ExitSignal | null;
}

export function readAttemptSignals(
  signals: readonly { readonly classId: string; readonly body: unknown }[],
): AttemptSignals {
  return {
    ready: readSignal(signals, CLASS_ID.ready, ReadySignal),
    output: readSignal(signals, CLASS_ID.output, OutputSignal),
    exit: readSignal(signals, CLASS_ID.exit, ExitSignal),
  };
}

function readSignal<T>(
  signals: readonly { readonly classId: string; readonly body: unknown }[],
  classId: string,
  schema: z.ZodType<T>,
): T | null {
  const body = signals.find((one) => one.classId === classId)?.body;
  if (typeof body !== 'object' || body === null) return null;
  // The steps of a chain read the same bodies again.
  if (!parsedBodies.has(body)) parsedBodies.set(body, schema.safeParse(body).data ?? null);
  return parsedBodies.get(body) as T | null;
}

const parsedBodies = new WeakMap<object, unknown>();

/**
 * Returns the next ECS witness, made from the previous one and another snapshot. An exit code that was seen once is kept: steps
 * and sweeps share answers of ECS, so the new snapshot may be older, and ECS itself is only eventually consistent. Times are not
 * compared, because they come from the clocks of several nodes.
 */
export function nextEcsWitness(before: EcsWitness | null, snapshot: EcsSnapshot): EcsWitness {
  const isOver = snapshot.kind === 'seen' && (snapshot.lastStatus === 'STOPPED' || snapshot.lastStatus === 'DELETED');
  const seenAt = snapshot.kind === 'seen' ? snapshot.at : (before?.seenAt ?? null);
  const stoppedAt = isOver ? (before?.stoppedAt ?? snapshot.at) : (before?.stoppedAt ?? null);
  const exitedAt = before?.exitedAt ?? (snapshot.kind === 'seen' && snapshot.exitCode !== null ? snapshot.at : null);
  // A snapshot without an answer from ECS does not hide an earlier answer.
  const hasEnded = stoppedAt !== null || exitedAt !== null;
  if (snapshot.kind === 'unknown' && before && before.look.kind === 'seen' && hasEnded) return before;
  // A stopped container needs no further stop, so a failure to stop it is dropped.
  const stopFailure = stoppedAt === null ? before?.stopFailure : undefined;
  if (before && knowsExit(before.look) && !knowsExit(snapshot)) {
    const { stopFailure: _before, ...rest } = before;
    return { ...rest, seenAt, stoppedAt, ...(stopFailure && { stopFailure }) };
  }
  return {
    look: snapshot,
    seenAt,
    stoppedAt,
    ...(exitedAt !== null && { exitedAt }),
    ...(stopFailure && { stopFailure }),
  };
}

function knowsExit(snapshot: EcsSnapshot): boolean {
  return snapshot.kind === 'seen' && snapshot.exitCode !== null;
}

/** Returns the three witnesses of one attempt at `now`, in the form the decider takes. */
export function witnessesOf(
  attempt: AttemptRow,
  view: Pick<AttemptView, 'output' | 'exit'>,
  now: Date,
  heartbeatSeconds: number,
): Witnesses {
  const nowMs = now.getTime();
  const age = (instant: Date | string | null): number | null => {
    if (instant === null) return null;
    const atMs = typeof instant === 'string' ? Date.parse(instant) : instant.getTime();
    return Math.max(0, (nowMs - atMs) / 1000);
  };
  const { ecsWitness: ecs, sshWitness: ssh } = attempt;
  return {
    agent: {
      readyAge: age(attempt.readyAt),
      lastWordAge: age(attempt.agentSeenAt),
      lastWords: view.exit ? 'exit' : view.output ? 'output' : null,
      knowsWhy: saysWhy(view),
      isHint: attempt.signalSecretHash !== null,
      heartbeatSeconds,
    },
    ssh: { lastProofAge: age(ssh?.provenAt ?? null), failure: ssh?.failure ?? null },
    ecs: {
      snapshot: ecs?.look ?? null,
      lastSeenAge: age(ecs?.seenAt ?? null),
      stoppedAge: age(ecs?.stoppedAt ?? null),
      exitedAge: age(ecs?.exitedAt ?? null),
    },
    launchedAge: age(attempt.launchedAt ?? attempt.createdAt) ?? 0,
  };
}

/** The agent's reports about the end of its container. */
interface EndSignals extends Pick<AttemptView, 'output' | 'exit'> {
  /** The highest use of memory that a heartbeat reported. */
  readonly memoryPeakBytes?: number | null;
}

type EndedAttempt = Pick<AttemptRow, 'ecsWitness'> &
  Partial<Pick<AttemptRow, 'releasedAt' | 'signalSecretHash' | 'agentSeenAt' | 'readyAt'>>;

/** Returns the view for methods: the verdict and, for a container that is over, the cause in one sentence. */
export function livenessView(liveness: Liveness, attempt: EndedAttempt, view: EndSignals): LivenessView {
  if (liveness.verdict === 'terminated') return viewOfEnd(decideEnd(liveness, attempt, view));
  const { verdict } = liveness;
  const said = `${capitalised(liveness.evidence.join('; '))}.`;
  const snapshot = attempt.ecsWitness?.look ?? null;
  const waitsFor = describeContainerWait(liveness, snapshot);
  const wait = waitsFor === null ? {} : { waitsFor, waitDetail: detailContainerWait(liveness, snapshot) };
  return { verdict, sentence: said, cause: null, retry: null, ...wait };
}

/** Returns the view of a container whose end has been decided. */
export function viewOfEnd(end: EndCause): LivenessView {
  return {
    verdict: 'terminated',
    sentence: [end.sentence, ...(end.remedy === null ? [] : [end.remedy])].map((part) => `${part}.`).join(' '),
    evidence: end.evidence.join('; '),
    cause: end.cause,
    ...(end.fault !== null && { fault: end.fault }),
    retry: end.retry,
    end,
  };
}

function decideEnd(liveness: Liveness, attempt: EndedAttempt, view: EndSignals): EndCause {
  const cause = explainEnd(attempt, view);
  const evidence = [...liveness.evidence, ...cause.evidence];
  const wasAsked = (attempt.releasedAt ?? null) !== null;
  // A container without an agent gives no cause: it ends with 0 when its shutdown file is touched.
  const snapshot = attempt.ecsWitness?.look;
  const hasObeyed = Boolean(attempt.signalSecretHash) && snapshot?.kind === 'seen' && snapshot.exitCode === 0;
  // An agent that is asked to shut down touches its own shutdown file.
  const isReleased = wasAsked && (cause.cause === 'shutdown-file' || hasObeyed);
  return endCauseOf({ ...(isReleased ? RELEASED : cause), evidence });
}

function explainEnd(attempt: EndedAttempt, { output, exit, memoryPeakBytes }: EndSignals): Cause {
  const { ecsWitness: ecs } = attempt;
  const hasEndedInEcs = ecs !== null && (ecs.stoppedAt !== null || ecs.exitedAt !== undefined || hasGivenUp(ecs.look));
  if (!hasEndedInEcs && !output && !exit) return explainSilence();
  const snapshot = ecs?.look.kind === 'seen' ? ecs.look : null;
  const agentCause = StopCause.safeParse(output?.cause ?? exit?.cause);
  return explainStop({
    stopCode: snapshot?.stopCode ?? null,
    stoppedReason: snapshot?.stoppedReason ?? null,
    containerReason: snapshot?.containerReason ?? null,
    exitCode: snapshot?.exitCode ?? null,
    others: snapshot?.others ?? [],
    endedBefore: endedBefore(attempt),
    agentCause: agentCause.success ? agentCause.data : null,
    memoryLimitBytes: snapshot?.memoryLimitBytes ?? null,
    memoryPeakBytes: exit?.usage?.memoryPeakBytes ?? memoryPeakBytes ?? null,
  });
}

/** A container without an agent is not expected to report. */
function endedBefore({ agentSeenAt, readyAt, signalSecretHash }: EndedAttempt): 'report' | 'ready' | null {
  if (signalSecretHash) return null;
  if (agentSeenAt === null) return 'report';
  return readyAt === null ? 'ready' : null;
}

/** Returns whether ECS reports that the task is ending, though it may not be STOPPED yet, or does not know the task. */
function hasGivenUp(snapshot: EcsSnapshot): boolean {
  return snapshot.kind === 'missing' || (snapshot.kind === 'seen' && snapshot.stopCode !== null);
}

function capitalised(text: string): string {
  return text === '' ? 'Nothing is known' : text[0]!.toUpperCase() + text.slice(1);
}
