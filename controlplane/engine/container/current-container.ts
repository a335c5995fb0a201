import { startedByOf } from '../../containers/started-by.ts';
import type { ContainerAddress, ContainerInterface, EcsLook } from '../../containers/container.ts';
import { decideLiveness } from '../../containers/liveness.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { attachContainer, type LaunchedEcs } from '../../ecs/attached-container.ts';
import { EcsContainer } from '../../ecs/ecs-container.ts';
import { EcsCallError } from '../../ecs/ecs-error.ts';
import { markVoid, markWitnessed } from '../../store/attempts/mark-attempt.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { TaskLease } from '../../store/tasks/leases.ts';
import type { BasicWip } from '../../tasks/basic-wip.ts';
import type { AttemptView, ContainerLimits, LivenessView } from '../../tasks/context.ts';
import type { ClusterAccess, EngineDeps } from '../engine-deps.ts';
import { createLaunchLedger, type OpenTarget } from './launch-ledger.ts';
import { newsOf, writeNews } from './look-news.ts';
import { livenessView, witnessesOf } from './witnesses.ts';

export interface CurrentContainerTask {
  readonly lease: TaskLease;
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
  readonly #deps: EngineDeps;
  readonly #task: CurrentContainerTask;
  #attempt: AttemptRow | null;
  #attempts: number;
  #recheckSeconds: number | null = null;

  constructor(deps: EngineDeps, task: CurrentContainerTask) {
    this.#deps = deps;
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

  /** A new attempt to configure and run. Which cluster it belongs to is known when it runs. */
  create(limits: ContainerLimits): ContainerInterface {
    const container = this.#newContainer(limits);
    return {
      addContainerOverride: (key, value, secure = false) => container.addContainerOverride(key, value, secure),
      overrides: () => container.overrides(),
      run: async () => {
        const outcome = await container.run();
        if (outcome.kind === 'launched')
          this.update({ arn: outcome.arn, launchedAt: this.#task.now, state: 'launched' });
        return outcome;
      },
      status: () => container.status(),
      nextStatus: () => container.nextStatus(),
      hasStarted: () => container.hasStarted(),
      hasStopped: () => container.hasStopped(),
      launchFailed: () => container.launchFailed(),
      address: () => container.address(),
      kill: (reason) => container.kill(reason),
    };
  }

  #newContainer(limits: ContainerLimits): EcsContainer {
    const { clusters, clock, log } = this.#deps;
    const { lease, wip, launchKey } = this.#task;
    const targetOf = (access: ClusterAccess): OpenTarget => ({
      ...access,
      pinDefinition: () => access.pinDefinition(wip),
    });
    const ledger = createLaunchLedger(this.#deps, {
      lease,
      key: launchKey(),
      attempts: this.#attempts,
      currentAttempt: this.#attempt?.number ?? null,
      openActive: async () => targetOf(await clusters.openActive()),
      openOf: async (attempt) => targetOf(await clusters.openOf(attempt)),
      onAttempt: (attempt) => {
        this.#attempt = attempt;
        this.#attempts = attempt.number;
      },
    });
    return new EcsContainer({ ledger, limits, clock, log });
  }

  /** The current attempt's container; null when there was no launch, or none that came to a container. */
  current(): ContainerInterface | null {
    const attempt = this.#attempt;
    if (!attempt || attempt.state === 'void') return null;
    const launched = async (): Promise<ContainerInterface | null> => {
      const arn = attempt.arn ?? this.#attempt?.arn ?? (await this.#findArn(attempt));
      return arn ? attachContainer({ ecs: this.#ecsOf(attempt) }, arn) : null;
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
    if (attempt.address) return attempt.address;
    const address = await attachContainer({ ecs: this.#ecsOf(attempt) }, attempt.arn).address();
    if (address) {
      await markWitnessed(this.#deps.db, attempt.id, { address });
      this.update({ address });
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
    const liveness = decideLiveness(witnessesOf(row, view, this.#task.now, this.#deps.heartbeatSeconds));
    this.#recheckSeconds = liveness.recheckSeconds;
    if (liveness.stopTask) await this.#tryToKill(row, `given up: ${liveness.evidence.join('; ')}`);
    return livenessView(liveness, row, view);
  }

  /**
   * Somebody else used the container's enrolment token before the container had proven itself over SSH: which of the
   * two is the build's is not known, so neither gets its secrets.
   */
  async #endReused(attempt: AttemptRow): Promise<LivenessView> {
    await this.#tryToKill(attempt, 'its enrolment token was used twice');
    const sentence = 'The enrolment token of the container was used twice before it was verified, so it was stopped.';
    return { verdict: 'terminated', sentence, cause: 'enrolment-reused', retry: 'never' };
  }

  /** Asks ECS (answers are shared and batched) and writes down what changed. */
  async #look(attempt: AttemptRow): Promise<EcsLook | null> {
    if (!attempt.arn) return null;
    const look = await this.#ecsOf(attempt).describe(attempt.arn);
    const news = newsOf(attempt, look);
    if (news) this.update(await writeNews(this.#deps.db, attempt, news));
    return look;
  }

  async #hasStopped(attempt: AttemptRow): Promise<boolean> {
    try {
      const arn = attempt.arn ?? (await this.#findArn(attempt));
      return arn !== null && (await attachContainer({ ecs: this.#ecsOf(attempt) }, arn).hasStopped());
    } catch (error) {
      // While ECS does not answer, a container has not stopped as far as anybody knows.
      if (error instanceof OperationalError) return false;
      throw error;
    }
  }

  /** Stops what there is of the attempt. One that never came to a container is given up, so that a late one leaves. */
  async #kill(attempt: AttemptRow, reason: string): Promise<void> {
    const arn = attempt.arn ?? (await this.#findArn(attempt));
    if (arn) {
      await this.#deps.failpoint('before-stop-task');
      await attachContainer({ ecs: this.#ecsOf(attempt) }, arn).kill(reason);
      return this.#deps.failpoint('after-stop-task');
    }
    await markVoid(this.#deps.db, attempt.id, 'given-up');
    this.update({ state: 'void' });
  }

  /** The verdict stands whether or not ECS takes the stop: the states that release a container repeat it. */
  async #tryToKill(attempt: AttemptRow, reason: string): Promise<void> {
    try {
      await this.#kill(attempt, reason);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      this.#deps.log.warn({ err: error, taskId: attempt.taskId }, 'a container that was given up could not be stopped');
    }
  }

  async #findArn(attempt: AttemptRow): Promise<string | null> {
    const startedBy = startedByOf(this.#deps.installationId, attempt);
    return (await this.#deps.clusters.openOf(attempt)).ecs.findStartedBy(startedBy);
  }

  /** ECS as the cluster that the attempt was launched into. Where nothing leads there, its status is not known. */
  #ecsOf(attempt: AttemptRow): LaunchedEcs {
    const { clusters } = this.#deps;
    return {
      describe: async (arn, freshness) => {
        try {
          return await (await clusters.openOf(attempt)).ecs.describe(arn, freshness);
        } catch (error) {
          if (!(error instanceof OperationalError)) throw error;
          const at = this.#task.now.toISOString();
          this.#deps.log.error(
            { err: error, taskId: attempt.taskId },
            'ALERT: the cluster of a container is out of reach',
          );
          return {
            kind: 'unknown',
            at,
            error: error instanceof EcsCallError ? error.class : 'cluster-missing',
            sentence: error.message,
          };
        }
      },
      stopTask: async (arn, reason) => (await clusters.openOf(attempt)).ecs.stopTask(arn, reason),
    };
  }
}
