import { OperationalError } from '../../../shared/model/error.ts';
import { checkOverride, type ContainerOverride } from '../../../shared/protocol/overrides.ts';
import type {
  ContainerAddress,
  ContainerInterface,
  EcsSnapshot,
  EcsStatus,
  LaunchOutcome,
} from '../../containers/container.ts';
import type { EcsTaskApi } from '../../ecs/client/ecs-task-api.ts';

/** The operations of a container attempt. ContainerSession supplies them. */
export interface AttemptActions {
  /** Launches the attempt, or finds out how its launch ended. null: the launch belongs to an earlier step. */
  readonly launch: ((overrides: readonly ContainerOverride[]) => Promise<LaunchOutcome>) | null;
  /** Returns the ARN of the ECS task that was started for an attempt whose launch was not answered; null when ECS knows no such task. */
  findArn(): Promise<string | null>;
  /** Marks an attempt that has no ECS task, so that the reaper stops a late one. */
  giveUp(): Promise<void>;
  describe(arn: string): Promise<EcsSnapshot>;
  /** Like `describe`; changes are saved with the attempt. */
  observe(arn: string): Promise<EcsSnapshot>;
  address(arn: string): Promise<ContainerAddress | null>;
  stop(arn: string, reason: string): Promise<void>;
  now(): Date;
}

//  intended ──launch answered──▶ launched
//     └───── refused, no room, or given up ──▶ void
export type ContainerState =
  /** No ARN is known. `new`: overrides are still accepted; `sent`: this step or an earlier one has sent a launch. */
  | { readonly kind: 'intended'; readonly launch: 'new' | 'sent' }
  /** `isOver`: the attempt is known to have stopped. */
  | { readonly kind: 'launched'; readonly arn: string; readonly isOver: boolean }
  /** There is no container and there never will be. */
  | { readonly kind: 'void'; readonly outcome: LaunchOutcome };

const UNRESOLVED: LaunchOutcome = {
  kind: 'no_information',
  cause: 'unresolved',
  sentence: 'The launch is not resolved.',
};

/** One container attempt of a task: to be launched, launched by this step or an earlier one, or without a container. */
export class AttemptContainer implements ContainerInterface {
  readonly #actions: AttemptActions;
  readonly #overrides = new Map<string, ContainerOverride>();
  #state: ContainerState;
  #launching: Promise<LaunchOutcome> | null = null;

  constructor(actions: AttemptActions, state: ContainerState) {
    this.#actions = actions;
    this.#state = state;
  }

  addContainerOverride(key: string, value: string, secure = false): void {
    if (this.#state.kind !== 'intended' || this.#state.launch !== 'new') {
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

  /**
   * Launches at most once. A repeated call returns the outcome of that launch, and asks ECS for it when it is not
   * known.
   */
  run(): Promise<LaunchOutcome> {
    switch (this.#state.kind) {
      case 'launched':
        return Promise.resolve({ kind: 'launched', arn: this.#state.arn });
      case 'void':
        return Promise.resolve(this.#state.outcome);
      case 'intended':
        return (this.#launching ??= this.#launch().finally(() => (this.#launching = null)));
    }
  }

  async #launch(): Promise<LaunchOutcome> {
    this.#state = { kind: 'intended', launch: 'sent' };
    const { launch } = this.#actions;
    if (!launch) {
      const arn = await this.#findArn();
      return arn ? { kind: 'launched', arn } : UNRESOLVED;
    }
    const outcome = await launch(this.overrides());
    if (outcome.kind === 'launched') this.#state = { kind: 'launched', arn: outcome.arn, isOver: false };
    else if (outcome.kind !== 'no_information') this.#state = { kind: 'void', outcome };
    return outcome;
  }

  async status(): Promise<EcsSnapshot> {
    const at = this.#actions.now().toISOString();
    switch (this.#state.kind) {
      case 'launched':
        return this.#actions.observe(this.#state.arn);
      case 'intended':
        return { kind: 'unknown', at, error: 'unavailable', sentence: 'The launch is not resolved' };
      case 'void':
        return { kind: 'missing', at };
    }
  }

  async nextStatus(): Promise<EcsStatus | null> {
    const seen = await this.#describe();
    return seen ? seen.desiredStatus : null;
  }

  async hasStarted(): Promise<boolean> {
    const seen = await this.#describe();
    return seen !== null && seen.startedAt !== null;
  }

  async hasStopped(): Promise<boolean> {
    if (this.#state.kind === 'void') return true;
    if (this.#state.kind === 'launched' && this.#state.isOver) return true;
    try {
      return isStopped(await this.#describe());
    } catch (error) {
      // While ECS does not answer, no one knows that the container has stopped.
      if (error instanceof OperationalError) return false;
      throw error;
    }
  }

  async launchFailed(): Promise<boolean> {
    if (this.#state.kind === 'void') return this.#state.outcome.kind !== 'no_information';
    const seen = await this.#describe();
    return isStopped(seen) && seen.startedAt === null;
  }

  async address(): Promise<ContainerAddress | null> {
    return this.#state.kind === 'launched' ? this.#actions.address(this.#state.arn) : null;
  }

  async kill(reason: string): Promise<void> {
    if (this.#state.kind === 'void') return;
    if (this.#state.kind === 'intended' && this.#state.launch === 'new') return;
    const arn = await this.#findArn();
    if (arn) return this.#actions.stop(arn, reason);
    await this.#actions.giveUp();
    this.#state = { kind: 'void', outcome: UNRESOLVED };
  }

  /** Returns the description by ECS; null when nothing was launched, or ECS does not describe the task. */
  async #describe(): Promise<Seen | null> {
    const arn = await this.#findArn();
    const snapshot = arn === null ? null : await this.#actions.describe(arn);
    return snapshot?.kind === 'seen' ? snapshot : null;
  }

  async #findArn(): Promise<string | null> {
    if (this.#state.kind === 'intended' && this.#state.launch === 'sent') {
      const arn = await this.#actions.findArn();
      if (arn) this.#state = { kind: 'launched', arn, isOver: false };
    }
    return this.#state.kind === 'launched' ? this.#state.arn : null;
  }
}

type Seen = EcsSnapshot & { kind: 'seen' };

function isStopped(seen: Seen | null): seen is Seen {
  return seen !== null && (seen.lastStatus === 'STOPPED' || seen.lastStatus === 'DELETED');
}

/** Returns the address of the container's SSH port, as ECS reports it. */
export async function findAddress(ecs: Pick<EcsTaskApi, 'describe'>, arn: string): Promise<ContainerAddress | null> {
  const shared = await ecs.describe(arn);
  if (shared.kind === 'seen' && shared.address) return shared.address;
  // ECS reports the port a moment after the start. A shared older answer lacks it and would cost seconds.
  const fresh = await ecs.describe(arn, 'fresh');
  return fresh.kind === 'seen' ? fresh.address : null;
}
