import { OperationalError, messageOf } from '../../shared/model/error.ts';
import { checkOverride, type ContainerOverride } from '../../shared/protocol/overrides.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import type {
  ContainerAddress,
  ContainerInterface,
  EcsLook,
  EcsStatus,
  LaunchOutcome,
} from '../containers/container.ts';
import type { LaunchEntry, LaunchLedger } from '../containers/launch-ledger.ts';
import { attachContainer } from './attached-container.ts';
import type { ContainerEcs } from './ecs-task-api.ts';
import { EcsCallError } from './ecs-error.ts';
import { buildLaunchRequest, type WorkloadLimits } from './launch-request.ts';
import { launchOutcome, lostOutcome, unresolvedOutcome, withoutCluster } from './launch-outcome.ts';
import { CLIENT_TOKEN_CERTAIN_MS } from './quotas.ts';

/** The exact revision a launch is pinned to. */
export interface PinnedDefinition {
  readonly arn: string;
  /** The container whose environment is overridden: the build's. */
  readonly containerName: string;
}

/** The cluster that a container is launched into. */
export interface LaunchTarget {
  readonly ecs: ContainerEcs;
  /** Registers on change and answers the exact revision; see task-definition-registry.ts. */
  readonly pinDefinition: () => Promise<PinnedDefinition>;
  /** Told when ECS does not know the pinned revision any more, so that the next launch registers it again. */
  readonly forgetDefinition: (arn: string) => Promise<void>;
  /** ECS's name of the cluster, and the parts of RunTask that it decides (cluster.ts: placementOf). */
  readonly cluster: string;
  readonly placement: Readonly<Record<string, unknown>>;
}

/** Everything a new container is made of: `new EcsContainer(world)`. */
export interface EcsContainerWorld {
  /** Says which cluster: a new attempt's, or that of the attempt whose launch goes on. */
  readonly ledger: LaunchLedger<LaunchTarget>;
  /** WORKLOAD_MAX_TIME and WORKLOAD_MAX_DISK, only when the task sets them. */
  readonly limits?: WorkloadLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * One container attempt on ECS, launched exactly once whatever crashes: the request is in the ledger before it is
 * sent, and what is sent is always the ledger's, with the attempt's client token.
 */
export class EcsContainer implements ContainerInterface {
  readonly #world: EcsContainerWorld;
  readonly #overrides = new Map<string, ContainerOverride>();
  #launch: Promise<LaunchOutcome> | null = null;
  #outcome: LaunchOutcome | null = null;
  #launched: ContainerInterface | null = null;

  constructor(world: EcsContainerWorld) {
    this.#world = world;
  }

  addContainerOverride(key: string, value: string, secure = false): void {
    if (this.#launch) {
      throw new OperationalError('OVERRIDE_AFTER_RUN', {
        happened: `The container override "${key}" was added after the container was launched`,
        remedy: 'Add overrides in addContainerOverrides, before the container runs',
      });
    }
    const override = { key, value, secure };
    checkOverride(override);
    this.#overrides.set(key, override);
  }

  overrides(): readonly ContainerOverride[] {
    return [...this.#overrides.values()];
  }

  /** Called again it launches nothing again: it answers what became of the one launch, asking ECS when that is not known. */
  run(): Promise<LaunchOutcome> {
    const isUnresolved = this.#outcome?.kind === 'no_information';
    if (!this.#launch || isUnresolved) {
      this.#outcome = null;
      this.#launch = this.#run();
    }
    return this.#launch;
  }

  async #run(): Promise<LaunchOutcome> {
    const outcome = await this.#resolve();
    this.#outcome = outcome;
    return outcome;
  }

  async #resolve(): Promise<LaunchOutcome> {
    const { ledger, log } = this.#world;
    let entry: LaunchEntry<LaunchTarget>;
    try {
      entry = await ledger.intend(async (identity, target) => {
        const definition = await target.pinDefinition();
        const overrides = this.overrides();
        return buildLaunchRequest({ ...this.#world, ...target, identity, definition, overrides });
      });
    } catch (error) {
      // Registering the definition failed, or the cluster cannot be opened: nothing was sent, so nothing is settled.
      if (error instanceof EcsCallError) return unresolvedOutcome(error.class, error.said);
      if (error instanceof OperationalError && error.code === 'CLUSTER_UNKNOWN') return withoutCluster(error.message);
      throw error;
    }
    const outcome = entry.outcome ?? (await this.#send(entry));
    if (outcome.kind === 'launched') this.#launched = attachContainer(entry.target, outcome.arn);
    if (entry.outcome) return outcome;
    log.info({ startedBy: entry.request.runTask.startedBy, outcome }, 'container launch answered');
    await ledger.settle(outcome);
    return outcome;
  }

  async #send(entry: LaunchEntry<LaunchTarget>): Promise<LaunchOutcome> {
    const { request, target } = entry;
    const ageMs = this.#world.clock.now().getTime() - Date.parse(request.createdAt);
    if (ageMs > CLIENT_TOKEN_CERTAIN_MS) return this.#find(entry);
    const answer = await target.ecs.runTask(request.runTask);
    const outcome = launchOutcome(answer);
    if (outcome.kind === 'refused' && outcome.cause === 'definition-missing') {
      await target.forgetDefinition(request.runTask.taskDefinition);
    }
    return outcome;
  }

  /** The client token may have been forgotten: sending again could start a second container, so ECS is only asked. */
  async #find({ request, target }: LaunchEntry<LaunchTarget>): Promise<LaunchOutcome> {
    try {
      const arn = await target.ecs.findStartedBy(request.runTask.startedBy);
      return arn ? { kind: 'launched', arn } : lostOutcome(request);
    } catch (error) {
      if (error instanceof EcsCallError) return unresolvedOutcome(error.class, messageOf(error));
      throw error;
    }
  }

  async status(): Promise<EcsLook> {
    return this.#launched?.status() ?? { kind: 'missing', at: this.#world.clock.now().toISOString() };
  }

  async nextStatus(): Promise<EcsStatus | null> {
    return this.#launched?.nextStatus() ?? null;
  }

  async hasStarted(): Promise<boolean> {
    return this.#launched?.hasStarted() ?? false;
  }

  async hasStopped(): Promise<boolean> {
    return this.#launched?.hasStopped() ?? false;
  }

  async launchFailed(): Promise<boolean> {
    if (this.#launched) return this.#launched.launchFailed();
    return this.#outcome?.kind === 'refused' || this.#outcome?.kind === 'no_resources';
  }

  async address(): Promise<ContainerAddress | null> {
    return this.#launched?.address() ?? null;
  }

  async kill(reason: string): Promise<void> {
    await this.#launched?.kill(reason);
  }
}
