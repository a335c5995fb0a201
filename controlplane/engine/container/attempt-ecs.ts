import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import type { EcsSnapshot } from '../../containers/container.ts';
import type { EndCause } from '../../containers/causes/end-cause.ts';
import { startedByOf } from '../../containers/started-by.ts';
import { EcsCallError } from '../../ecs/client/ecs-error.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { StepDeps } from '../engine-deps.ts';

/** Prefix of Wip's own stop reasons, by which containers/causes/causes.ts distinguishes them from an operator's. */
const OUR_REASON = 'wip: ';

const CLUSTER_MISSING = 'cluster-missing';
/** The part of a launch's answer that is read. */
const AnsweredCause = z.object({ cause: z.string() });

export type AttemptEcsDeps = Pick<StepDeps, 'clusters' | 'store' | 'installationId' | 'log' | 'failpoint'>;

/** The calls of ECS about one container. Each goes to the cluster that its attempt was launched into. Stores nothing. */
export class AttemptEcs {
  readonly #deps: AttemptEcsDeps;
  readonly #now: Date;

  /** `now`: the time of the step. */
  constructor(deps: AttemptEcsDeps, now: Date) {
    this.#deps = deps;
    this.#now = now;
  }

  /**
   * Asks the cluster that the attempt was launched into. When no stored cluster leads there, the container's status
   * is unknown.
   */
  async describe(attempt: AttemptRow, arn: string, freshness?: 'shared' | 'fresh'): Promise<EcsSnapshot> {
    try {
      return await (await this.#deps.clusters.openOf(attempt)).ecs.describe(arn, freshness);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      this.#deps.log.error({ err: error, taskId: attempt.taskId }, 'ALERT: the cluster of a container is out of reach');
      return {
        kind: 'unknown',
        at: this.#now.toISOString(),
        error: error instanceof EcsCallError ? error.class : CLUSTER_MISSING,
        sentence: error.message,
      };
    }
  }

  /** Asks ECS to stop the container. */
  async stop(attempt: AttemptRow, arn: string, reason: string): Promise<void> {
    await this.#deps.failpoint('before-stop-task');
    await (await this.#deps.clusters.openOf(attempt)).ecs.stopTask(arn, `${OUR_REASON}${reason}`);
    await this.#deps.failpoint('after-stop-task');
  }

  /** Returns the container that a launch without an answer has led to; null when there is none. */
  async findArn(attempt: AttemptRow): Promise<string | null> {
    const startedBy = startedByOf(this.#deps.installationId, attempt);
    try {
      return await (await this.#deps.clusters.openOf(attempt)).ecs.findStartedBy(startedBy);
    } catch (error) {
      if (await this.#isOfNoCluster(attempt, error)) return null;
      throw error;
    }
  }

  /**
   * Returns whether ECS does not know the cluster, so that no container is in it: ECS deletes no cluster that has containers. ECS
   * says so in this answer or, when no stored cluster leads there any more, in its answer to the launch.
   */
  async #isOfNoCluster({ taskId, launchKey }: AttemptRow, error: unknown): Promise<boolean> {
    if (error instanceof EcsCallError) return error.class === CLUSTER_MISSING;
    if (!(error instanceof OperationalError) || error.code !== 'CLUSTER_UNKNOWN' || launchKey === null) return false;
    const launch = await this.#deps.store.findEffect(taskId, launchKey);
    return launch?.state === 'unknown' && AnsweredCause.safeParse(launch.answer).data?.cause === CLUSTER_MISSING;
  }

  /** Adds the last lines that the container printed, if its agent was never heard from; an agent sends its last words itself. */
  async withLogTail(attempt: AttemptRow, end: EndCause): Promise<EndCause> {
    const { arn, taskDefinition, agentSeenAt } = attempt;
    if (arn === null || taskDefinition === null || agentSeenAt !== null) return end;
    try {
      const access = await this.#deps.clusters.openOf(attempt);
      const tail = await access.readLogTail(arn, taskDefinition);
      if (!tail) return end;
      return { ...end, evidence: [...end.evidence, `its log ${tail.name} ends with:\n${tail.text}`] };
    } catch (error) {
      // A cluster out of reach was reported when its container was described.
      if (!(error instanceof OperationalError)) throw error;
      return end;
    }
  }
}
