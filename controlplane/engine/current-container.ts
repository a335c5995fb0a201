import type { ContainerAddress, ContainerInterface, EcsLook } from '../containers/container.ts';
import { decideLiveness } from '../containers/liveness.ts';
import { attachContainer } from '../ecs/attached-container.ts';
import { EcsContainer } from '../ecs/ecs-container.ts';
import { markVoid, markWitnessed } from '../store/attempts/mark-attempt.ts';
import type { AttemptRow } from '../store/schema.ts';
import type { Fence } from '../store/tasks/begin-step.ts';
import type { BasicWip } from '../tasks/basic-wip.ts';
import type { AttemptView, ContainerLimits, LivenessView } from '../tasks/context.ts';
import type { ClusterAccess, EngineWorld } from './engine-world.ts';
import { createLaunchLedger } from './launch-ledger.ts';
import { newsOf, writeNews } from './look-news.ts';
import { livenessView, witnessesOf } from './witnesses.ts';

export interface CurrentContainerTask {
  readonly fence: Fence;
  readonly wip: BasicWip;
  readonly launchKey: () => string;
  /** How many attempts the task has had. */
  readonly attempts: number;
  readonly attempt: AttemptRow | null;
  readonly view: () => AttemptView | null;
  readonly now: Date;
}

/** A launch outside of this step's reach: an address or a status is asked for before there is an ARN. */
const NOTHING_YET: EcsLook = { kind: 'unknown', at: '', error: 'unavailable', sentence: 'The launch is not resolved' };

/** The container attempt that is current for one step of one task, and the way to a new one. */
export class CurrentContainer {
  readonly #world: EngineWorld;
  readonly #task: CurrentContainerTask;
  #attempt: AttemptRow | null;
  #attempts: number;
  #access: ClusterAccess | null = null;
  #recheckSeconds: number | null = null;

  constructor(world: EngineWorld, task: CurrentContainerTask) {
    this.#world = world;
    this.#task = task;
    this.#attempt = task.attempt;
    this.#attempts = task.attempts;
  }

  get attempt(): AttemptRow | null {
    return this.#attempt;
  }

  /** How soon the witnesses want to be asked again, at the latest; a table's wait may be longer than that. */
  get recheckSeconds(): number | null {
    return this.#recheckSeconds;
  }

  /** Lays what was just written over the row that was read at the start of the step. */
  update(changed: Partial<AttemptRow>): void {
    if (this.#attempt) this.#attempt = { ...this.#attempt, ...changed };
  }

  /** A new attempt to configure and run. The cluster is opened when it runs, because opening may have to wait. */
  create(limits: ContainerLimits): ContainerInterface {
    let container: EcsContainer | null = null;
    const pending: { key: string; value: string; secure: boolean }[] = [];
    const opened = async (): Promise<EcsContainer> => (container ??= await this.#newContainer(limits, pending));
    return {
      addContainerOverride(key, value, secure = false) {
        if (container) container.addContainerOverride(key, value, secure);
        else pending.push({ key, value, secure });
      },
      overrides: () => container?.overrides() ?? pending,
      run: async () => {
        const outcome = await (await opened()).run();
        if (outcome.kind === 'launched')
          this.update({ arn: outcome.arn, launchedAt: this.#task.now, state: 'launched' });
        return outcome;
      },
      status: async () => (await opened()).status(),
      nextStatus: async () => (await opened()).nextStatus(),
      hasStarted: async () => (await opened()).hasStarted(),
      hasStopped: async () => (await opened()).hasStopped(),
      launchFailed: async () => (await opened()).launchFailed(),
      address: async () => (await opened()).address(),
      kill: async (reason) => (await opened()).kill(reason),
    };
  }

  async #newContainer(
    limits: ContainerLimits,
    pending: readonly { key: string; value: string; secure: boolean }[],
  ): Promise<EcsContainer> {
    const { clusters, clock, log } = this.#world;
    const clusterName = await clusters.activeName();
    const access = await clusters.open(clusterName);
    const { fence, wip, launchKey } = this.#task;
    const ledger = createLaunchLedger(this.#world, {
      fence,
      key: launchKey(),
      clusterName,
      access,
      attempts: this.#attempts,
      currentAttempt: this.#attempt?.number ?? null,
      onAttempt: (attempt) => {
        this.#attempt = attempt;
        this.#attempts = attempt.number;
      },
    });
    const container = new EcsContainer({
      ecs: access.ecs,
      ledger,
      pinDefinition: () => access.pinDefinition(wip),
      forgetDefinition: (arn) => access.forgetDefinition(arn),
      cluster: access.cluster,
      placement: access.placement,
      limits,
      clock,
      log,
    });
    for (const { key, value, secure } of pending) container.addContainerOverride(key, value, secure);
    return container;
  }

  /** The current attempt's container; null when there was no launch, or none that came to a container. */
  current(): ContainerInterface | null {
    const attempt = this.#attempt;
    if (!attempt || attempt.state === 'void') return null;
    const launched = async (): Promise<ContainerInterface | null> => {
      const arn = attempt.arn ?? this.#attempt?.arn ?? (await this.#findArn(attempt));
      return arn ? attachContainer({ ecs: (await this.#open(attempt)).ecs }, arn) : null;
    };
    return {
      addContainerOverride: (key) => {
        throw new Error(`override ${key} came after the launch of container attempt ${attempt.number}`);
      },
      overrides: () => [],
      run: async () =>
        (await launched())?.run() ?? {
          kind: 'no_information',
          cause: 'unresolved',
          sentence: 'The launch is not resolved.',
        },
      status: async () => (await this.#look(attempt)) ?? { ...NOTHING_YET, at: this.#task.now.toISOString() },
      nextStatus: async () => (await launched())?.nextStatus() ?? null,
      hasStarted: async () => (await launched())?.hasStarted() ?? false,
      hasStopped: async () =>
        attempt.state === 'stopped' || this.#attempt?.state === 'void' || (await this.#hasStopped(attempt)),
      launchFailed: async () => (await launched())?.launchFailed() ?? false,
      address: () => this.address(),
      kill: (reason) => this.#kill(attempt, reason),
    };
  }

  /** Where ECS says that the container's SSH port is; remembered with the attempt. */
  async address(): Promise<ContainerAddress | null> {
    const attempt = this.#attempt;
    if (!attempt?.arn) return null;
    if (attempt.address) return attempt.address as unknown as ContainerAddress;
    const access = await this.#open(attempt);
    const address = await attachContainer({ ecs: access.ecs }, attempt.arn).address();
    if (address) {
      await markWitnessed(this.#world.db, attempt.id, { address: { ...address } });
      this.update({ address: { ...address } });
    }
    return address;
  }

  /** What the witnesses say, after a look at ECS. */
  async liveness(): Promise<LivenessView> {
    const attempt = this.#attempt;
    const view = this.#task.view();
    if (!attempt || !view) return { verdict: 'none', sentence: 'No container was launched.', cause: null, retry: null };
    if (attempt.reusedAt && !attempt.sshVerifiedAt) return this.#endReused(attempt);
    await this.#look(attempt);
    const row = this.#attempt ?? attempt;
    const liveness = decideLiveness(witnessesOf(row, view, this.#task.now, this.#world.heartbeatSeconds));
    this.#recheckSeconds = liveness.recheckSeconds;
    if (liveness.stopTask) await this.#kill(row, `given up: ${liveness.evidence.join('; ')}`);
    return livenessView(liveness, row, view);
  }

  /**
   * Somebody else used the container's enrolment token before the container had proven itself over SSH: which of the
   * two is the build's is not known, so neither gets its secrets.
   */
  async #endReused(attempt: AttemptRow): Promise<LivenessView> {
    await this.#kill(attempt, 'its enrolment token was used twice');
    const sentence = 'The enrolment token of the container was used twice before it was verified, so it was stopped.';
    return { verdict: 'terminated', sentence, cause: 'enrolment-reused', retry: 'never' };
  }

  /** Asks ECS (answers are shared and batched) and writes down what changed. */
  async #look(attempt: AttemptRow): Promise<EcsLook | null> {
    if (!attempt.arn) return null;
    const look = await (await this.#open(attempt)).ecs.describe(attempt.arn);
    const news = newsOf(attempt, look);
    if (news) this.update(await writeNews(this.#world.db, attempt, news));
    return look;
  }

  async #hasStopped(attempt: AttemptRow): Promise<boolean> {
    const arn = attempt.arn ?? (await this.#findArn(attempt));
    if (!arn) return false;
    const access = await this.#open(attempt);
    return attachContainer({ ecs: access.ecs }, arn).hasStopped();
  }

  /** Stops what there is of the attempt. One that never came to a container is given up, so that a late one leaves. */
  async #kill(attempt: AttemptRow, reason: string): Promise<void> {
    const arn = attempt.arn ?? (await this.#findArn(attempt));
    if (arn) {
      const access = await this.#open(attempt);
      await this.#world.failpoint('before-stop-task');
      await attachContainer({ ecs: access.ecs }, arn).kill(reason);
      return this.#world.failpoint('after-stop-task');
    }
    await markVoid(this.#world.db, attempt.id, 'given-up');
    this.update({ state: 'void' });
  }

  async #findArn(attempt: AttemptRow): Promise<string | null> {
    const startedBy = `wip/${this.#world.installationId}/${attempt.taskId}/${attempt.number}`;
    return (await this.#open(attempt)).ecs.findStartedBy(startedBy);
  }

  async #open(attempt: AttemptRow): Promise<ClusterAccess> {
    return (this.#access ??= await this.#world.clusters.open(attempt.cluster));
  }
}
