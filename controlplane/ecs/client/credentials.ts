import type { Clock } from '../../../shared/time/clock.ts';
import { messageOf } from '../../../shared/model/error.ts';
import { classifyEcsError, httpStatusOf, nameOf } from './classify-ecs-error.ts';
import type { EcsCluster } from '../config/cluster.ts';

interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** With the keys of a session only. */
  readonly sessionToken?: string;
}

/** Credentials as the clients of the SDK take them: fixed ones, or a function that is asked again before they expire. */
export type AwsCredentials = AccessKey | (() => Promise<RoleSession>);

/** Credentials of an assumed role. */
export interface RoleSession extends Required<AccessKey> {
  readonly expiration: Date;
}

/** Returns the stored credentials of a cluster; null: the SDK's default chain. */
export function storedCredentials(cluster: EcsCluster): AccessKey | null {
  const { accessKeyId, secretAccessKey, sessionToken } = cluster;
  if (!accessKeyId || !secretAccessKey) return null;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** A session is renewed this long before its end, so that a call under way never outlives its credentials. */
const RENEW_BEFORE_MS = 5 * 60_000;
// While STS does not answer, the old session is used on, and STS is asked this often.
const RETRY_MS = 30_000;

/**
 * Returns a function that gives the credentials of a role and renews them before they expire. Callers at the same time
 * share one call. A renewal that fails keeps the old session for as long as it is good.
 */
export function createRoleCredentials({
  assume,
  clock,
}: {
  readonly assume: () => Promise<RoleSession>;
  readonly clock: Clock;
}): () => Promise<RoleSession> {
  let session: RoleSession | null = null;
  let renewal: Promise<RoleSession> | null = null;
  let retryAtMs = 0;

  const leftMs = (of: RoleSession): number => of.expiration.getTime() - clock.now().getTime();

  function renew(): Promise<RoleSession> {
    renewal ??= assume()
      .then((assumed) => (session = assumed))
      .finally(() => (renewal = null));
    return renewal;
  }

  return async () => {
    if (session === null || leftMs(session) <= 0) return renew();
    if (leftMs(session) > RENEW_BEFORE_MS || clock.monotonicMs() < retryAtMs) return session;
    const old = session;
    try {
      return await renew();
    } catch (error) {
      if (leftMs(old) <= 0) throw error;
      retryAtMs = clock.monotonicMs() + RETRY_MS;
      return old;
    }
  };
}

/**
 * A role that could not be assumed. Its name is one that `classifyEcsError` knows: refusals are a matter of configuration
 * and never the fault of a build, whatever STS calls them.
 */
export class AssumeRoleError extends Error {
  constructor(roleArn: string, cluster: EcsCluster, thrown: unknown) {
    const by = cluster.accessKeyId ? `the access key ${cluster.accessKeyId}` : 'the credentials of the node';
    const external = cluster.externalId ? ` and the external id ${cluster.externalId}` : '';
    const role = `the role ${roleArn} of the cluster "${cluster.name}"`;
    const words = `(${nameOf(thrown)}: ${messageOf(thrown)})`;
    const failure = stsFailure(thrown);
    super(
      failure === 'unanswered'
        ? `${role} could not be assumed with ${by}${external}, because STS gave no answer that tells ${words}`
        : failure === 'no-credentials'
          ? `${role} could not be assumed, because ${by} could not be loaded ${words}`
          : `${role} cannot be assumed with ${by}${external} ${words}; its trust policy must allow it`,
      { cause: thrown },
    );
    this.name = NAME_BY_CLASS[classifyEcsError(thrown) ?? 'refused'] ?? 'AccessDeniedException';
  }
}

/**
 * What became of a call to STS: refused by STS, never asked for want of credentials, or without an answer that tells anything.
 * Who reads "refused" changes a policy, which helps in the first case only.
 */
export function stsFailure(thrown: unknown): 'refused' | 'no-credentials' | 'unanswered' {
  const kind = classifyEcsError(thrown);
  const status = httpStatusOf(thrown);
  const isRefusal = status !== null && status >= 400 && status < 500;
  if (kind === 'throttled' || (kind === 'unavailable' && !isRefusal)) return 'unanswered';
  return nameOf(thrown) === 'CredentialsProviderError' ? 'no-credentials' : 'refused';
}

const NAME_BY_CLASS: Readonly<Record<string, string>> = {
  throttled: 'ThrottlingException',
  unavailable: 'ServiceUnavailableException',
  'credentials-expired': 'ExpiredTokenException',
};

// AWS: letters, digits and _+=,.@- and at most 64 of them (API reference, AssumeRole, RoleSessionName).
const SESSION_NAME_CHARACTERS = 64;

/** Returns the name under which a node's calls stand in CloudTrail: its installation and the node. */
export function roleSessionName(installationId: string, node: string): string {
  return `wip-${installationId.slice(0, 8)}-${node}`.replace(/[^\w+=,.@-]/g, '-').slice(0, SESSION_NAME_CHARACTERS);
}
