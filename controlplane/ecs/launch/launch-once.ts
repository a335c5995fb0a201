import { OperationalError } from '../../../shared/model/error.ts';
import type { ContainerOverride } from '../../../shared/protocol/overrides.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import type { LaunchOutcome } from '../../containers/container.ts';
import type { EcsComplaint } from '../../containers/causes/call-causes.ts';
import type { LaunchEntry, LaunchLedger } from '../../containers/launch-ledger.ts';
import type { EcsTaskApi } from '../client/ecs-task-api.ts';
import { EcsCallError } from '../client/ecs-error.ts';
import { buildLaunchRequest, type WorkloadLimits } from './launch-request.ts';
import { launchOutcome, lostOutcome, unresolvedOutcome, withoutCluster } from './launch-outcome.ts';
import type { PinnedDefinition } from '../definition/pinned-definition.ts';
import { CLIENT_TOKEN_CERTAIN_MS } from '../client/quotas.ts';

/** The cluster that a container is launched into. */
export interface LaunchTarget {
  readonly ecs: EcsTaskApi;
  /** Registers on change and answers the exact revision; see task-definition-registry.ts. */
  readonly pinDefinition: () => Promise<PinnedDefinition>;
  /** Told when ECS does not know the pinned revision any more, so that the next launch registers it again. */
  readonly forgetDefinition: (arn: string) => Promise<void>;
  /** ECS's name of the cluster, and the parts of RunTask that it decides (cluster.ts: placementOf). */
  readonly cluster: string;
  readonly placement: Readonly<Record<string, unknown>>;
}

export interface LaunchDeps {
  /** Says which cluster: a new attempt's, or that of the attempt whose launch goes on. */
  readonly ledger: LaunchLedger<LaunchTarget>;
  /** WORKLOAD_MAX_TIME and WORKLOAD_MAX_DISK, only when the task sets them. */
  readonly limits?: WorkloadLimits;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info'>;
}

// A cluster that is gone or cannot be used as it is configured. Operators correct it, and the task waits for that.
const UNUSABLE: ReadonlySet<string> = new Set(['CLUSTER_UNKNOWN', 'CONFIG_INVALID']);

/**
 * Launches one container attempt, exactly once whatever crashes: the request is in the ledger before it is sent, and
 * what is sent is always the ledger's, with the attempt's client token. A repeated call launches nothing again: it
 * returns what became of the one launch, and asks ECS when that is not known.
 */
export async function launchOnce(deps: LaunchDeps, overrides: readonly ContainerOverride[]): Promise<LaunchOutcome> {
  let entry: LaunchEntry<LaunchTarget>;
  try {
    entry = await deps.ledger.intend(async (identity, target) => {
      const definition = await target.pinDefinition();
      return buildLaunchRequest({ ...deps, ...target, identity, definition, overrides });
    });
  } catch (error) {
    // Registering the definition failed, or the cluster cannot be opened: nothing was sent, so nothing is settled.
    if (error instanceof EcsCallError) return unresolvedOutcome(error.class, complaintOf(error));
    if (error instanceof OperationalError && UNUSABLE.has(error.code)) return withoutCluster(error);
    throw error;
  }
  if (entry.outcome) return entry.outcome;
  const outcome = await send(deps.clock, entry);
  deps.log.info({ startedBy: entry.request.runTask.startedBy, outcome }, 'container launch answered');
  await deps.ledger.settle(outcome);
  return outcome;
}

async function send(clock: Clock, entry: LaunchEntry<LaunchTarget>): Promise<LaunchOutcome> {
  const { request, target } = entry;
  const ageMs = clock.now().getTime() - Date.parse(request.createdAt);
  if (ageMs > CLIENT_TOKEN_CERTAIN_MS) return findLaunched(entry);
  const outcome = launchOutcome(await target.ecs.runTask(request.runTask));
  if (outcome.kind === 'refused' && outcome.cause === 'definition-missing') {
    await target.forgetDefinition(request.runTask.taskDefinition);
  }
  return outcome;
}

/** The client token may have been forgotten: sending again could start a second container, so ECS is only asked. */
async function findLaunched({ request, target }: LaunchEntry<LaunchTarget>): Promise<LaunchOutcome> {
  try {
    const arn = await target.ecs.findStartedBy(request.runTask.startedBy);
    return arn ? { kind: 'launched', arn } : lostOutcome(request);
  } catch (error) {
    if (error instanceof EcsCallError) return unresolvedOutcome(error.class, complaintOf(error));
    throw error;
  }
}

function complaintOf({ action, awsName: name, awsMessage: said, quotas }: EcsCallError): EcsComplaint {
  return { action, name, said, quotas };
}
