import { assertNever } from '../../shared/model/assert-never.ts';
import type { EcsSnapshot } from './container.ts';
import type { Liveness } from './liveness.ts';
import type { WaitDetail } from './wait-reason.ts';

/**
 * Completes "The task waits because …" with what its container lacks, as far as the witnesses tell; null when the
 * container itself is ready, or over.
 */
export function describeContainerWait({ verdict, evidence }: Liveness, snapshot: EcsSnapshot | null): string | null {
  switch (verdict) {
    case 'starting':
      return describeStart(snapshot);
    case 'unreachable':
      return `its container does not answer (${evidence.join('; ')})`;
    case 'no_information':
      return `nothing can be learned about its container (${evidence.join('; ')})`;
    case 'last_words':
      return 'its container has ended, and its last signals may still arrive';
    case 'contradiction':
      return `ECS and the agent contradict each other (${evidence.join('; ')})`;
    case 'ready':
    case 'running':
    case 'terminated':
      return null;
    default:
      return assertNever(verdict);
  }
}

function describeStart(snapshot: EcsSnapshot | null): string {
  if (!snapshot) return 'its container is being launched';
  if (snapshot.kind === 'missing') return 'its container was launched, and ECS does not show it yet';
  if (snapshot.kind === 'unknown') return `ECS does not answer about its container: ${snapshot.sentence}`;
  switch (snapshot.lastStatus) {
    case 'PROVISIONING':
      return 'ECS is providing the resources of its container (PROVISIONING)';
    case 'PENDING':
      return snapshot.pullStartedAt && !snapshot.pullStoppedAt
        ? 'its image is being pulled (PENDING)'
        : 'ECS is starting its container (PENDING)';
    default:
      return `its container runs, and its agent has not reported that it is ready (${snapshot.lastStatus})`;
  }
}

/** Returns what is known of that wait beside its clause: a word for programs, since when, and the witnesses' own words. */
export function detailContainerWait({ verdict, evidence }: Liveness, snapshot: EcsSnapshot | null): WaitDetail {
  return verdict === 'starting' ? { ...detailStart(snapshot), evidence } : { code: CODES[verdict], evidence };
}

const CODES: Readonly<Record<Exclude<Liveness['verdict'], 'starting'>, string>> = {
  unreachable: 'container-unreachable',
  no_information: 'container-unknown',
  last_words: 'container-ended',
  contradiction: 'container-contradiction',
  ready: 'container-ready',
  running: 'container-running',
  terminated: 'container-ended',
};

function detailStart(snapshot: EcsSnapshot | null): WaitDetail {
  if (!snapshot || snapshot.kind === 'missing') return { code: 'container-launching' };
  if (snapshot.kind === 'unknown') return { code: 'container-unknown' };
  const { lastStatus, createdAt, pullStartedAt, pullStoppedAt, startedAt } = snapshot;
  const from = (code: string, since: string | null | undefined): WaitDetail => ({ code, ...(since ? { since } : {}) });
  if (lastStatus === 'PROVISIONING') return from('container-provisioning', createdAt);
  if (lastStatus !== 'PENDING') return from('agent-starting', startedAt);
  return pullStartedAt && !pullStoppedAt
    ? from('image-pull', pullStartedAt)
    : from('container-pending', pullStoppedAt ?? createdAt);
}
