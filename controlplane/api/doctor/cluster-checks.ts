import { messageOf } from '../../../shared/model/error.ts';
import { isLoopbackUrl } from '../../../shared/http/loopback.ts';
import { CHECK_TIMEOUT_MS, failed, ok, warning, type DoctorFinding } from './doctor-finding.ts';

export interface ClusterChecksDeps {
  /** The address that agents report to. */
  readonly publicUrl: () => string;
  /** The cluster that new containers go to. Throws CLUSTER_UNKNOWN. */
  readonly findActiveCluster: () => Promise<{ readonly name: string; readonly isLocal: boolean }>;
  /** Makes a harmless call to the cluster. Throws the error of the call. */
  readonly checkCluster: (name: string) => Promise<{ readonly status: string }>;
  /** Tries what launches into the cluster need, with calls that change nothing. */
  readonly examineCluster: (name: string) => Promise<readonly ExaminedPart[]>;
}

/** One part of a cluster, as `wipctl ecs check` shows it. */
interface ExaminedPart {
  readonly name: string;
  readonly outcome: 'ok' | 'warning' | 'failed' | 'unchecked';
  readonly message: string;
  readonly remedy: string | null;
}

export async function checkEcs({ findActiveCluster, checkCluster }: ClusterChecksDeps): Promise<DoctorFinding> {
  const { name, isLocal } = await findActiveCluster();
  const { status } = await checkCluster(name);
  return ok(`The active cluster "${name}" is ${status}${isLocal ? ' on local ECS' : ''}`);
}

/** Checks RunTask and the other permissions of a launch with calls that change nothing: that DescribeClusters succeeds proves little. */
export async function checkPermissions({
  findActiveCluster,
  examineCluster,
}: ClusterChecksDeps): Promise<DoctorFinding> {
  const { name } = await findActiveCluster();
  const parts = await examineCluster(name);
  const failed = parts.filter(({ outcome }) => outcome === 'failed');
  const [first] = failed;
  if (first) {
    const message = failed.map((part) => `${part.name}: ${part.message.replace(/\.$/, '')}`).join('; ');
    return { outcome: 'failed', message: `${message}.`, remedy: first.remedy ?? EXAMINE_EACH };
  }
  const unanswered = parts.filter(({ name: part, outcome }) => outcome === 'warning' && PERMISSION.test(part));
  const [silent] = unanswered;
  if (silent) {
    const names = unanswered.map((part) => part.name).join(', ');
    return warning(
      `Whether the cluster "${name}" allows ${names} is not known. ${silent.message}`,
      silent.remedy ?? EXAMINE_EACH,
    );
  }
  const unproven = parts.filter(({ outcome }) => outcome === 'unchecked').map((part) => part.name);
  const rest = unproven.length === 0 ? '' : `; no harmless call can prove ${unproven.join(', ')}`;
  return ok(`The calls of a launch are allowed on the cluster "${name}"${rest}`);
}

/** The part of a permission is named as AWS names it, such as `ecs:RunTask`. It is a warning when its call had no answer. */
const PERMISSION = /^[a-z0-9-]+:[A-Z][A-Za-z]+$/;

const EXAMINE_EACH = 'Say "wipctl ecs check" for each of them.';

export async function checkPublicAddress({ publicUrl, findActiveCluster }: ClusterChecksDeps): Promise<DoctorFinding> {
  const url = publicUrl();
  const cluster = await findActiveCluster().catch(() => null); // The check of ECS reports the error.
  if (isLoopbackUrl(url) && cluster && !cluster.isLocal) {
    return failed(
      `Agents on the cluster "${cluster.name}" are told to report to ${url}, which is their own machine`,
      'Set public_url to the address under which containers reach this service',
    );
  }
  const answer = await fetch(`${url.replace(/\/+$/, '')}/healthz`, {
    signal: AbortSignal.timeout(CHECK_TIMEOUT_MS / 2),
    redirect: 'error',
  }).catch((error: unknown) => (error instanceof Error && error.cause instanceof Error ? error.cause : error));
  if (answer instanceof Response && answer.ok) {
    return ok(`This node reaches ${url}, where agents report; whether containers do, only a container can say`);
  }
  const reason = answer instanceof Response ? `it answers ${answer.status}` : messageOf(answer);
  return failed(
    `This node does not reach ${url}, where agents report: ${reason}`,
    'Correct public_url, or the load balancer and the names behind it',
  );
}
