import { OperationalError } from '../../../shared/model/error.ts';
import { OUT_OF_MEMORY } from '../../containers/causes/causes.ts';
import { saysWhy } from '../../containers/causes/rows/agent-cause-rows.ts';
import type { ContainerAddress, ContainerInterface, EcsSnapshot } from '../../containers/container.ts';
import { ENROLMENT_REUSED } from '../../containers/causes/end-cause.ts';
import { decideLiveness } from '../../containers/liveness.ts';
import { launchOnce } from '../../ecs/launch/launch-once.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { AttemptView, ContainerLimits, LivenessView } from '../../tasks/context.ts';
import type { AgentAccess } from '../../tasks/agent-access.ts';
import type { ClusterAccess, ClusterCandidate, StepDeps } from '../engine-deps.ts';
import { askForLaunch } from '../ask-class.ts';
import { AttemptEcs } from './attempt-ecs.ts';
import { AttemptContainer, findAddress, type AttemptActions } from './attempt-container.ts';
import type { ConversationDeps } from './agent-conversation.ts';
import { ContainerAgent } from './container-agent.ts';
import { createLaunchLedger, type LedgerDeps, type OpenTarget } from './create-launch-ledger.ts';
import { launchIntoFirstWithRoom } from './launch-into-first-with-room.ts';
import { legacyRecheckSeconds } from './legacy-recheck.ts';
import { moveFullClusterLast } from './move-full-cluster-last.ts';
import { sendStop } from './send-stop.ts';
import type { SessionTask } from './session-task.ts';
import { snapshotChange, saveSnapshotChange } from './snapshot-change.ts';
import { livenessView, viewOfEnd, witnessesOf } from './witnesses.ts';

type SessionDeps = ConversationDeps & LedgerDeps & Pick<StepDeps, 'clusters' | 'clock' | 'log' | 'heartbeatSeconds'>;

type ExistingActions = Omit<AttemptActions, 'launch' | 'findArn' | 'giveUp'>;

/** All operations of one step on containers: on the current attempt and its agent, and on a new attempt. */
export class ContainerSession {
  readonly agent: AgentAccess;
  readonly #deps: SessionDeps;
  readonly #task: SessionTask;
  readonly #ecs: AttemptEcs;
  #attempt: AttemptRow | null;
  #attempts: number;
  #recheckSeconds: number | null = null;

  constructor(deps: SessionDeps, task: SessionTask) {
    this.#deps = deps;
    this.#task = task;
    this.#ecs = new AttemptEcs(deps, task.now);
    this.#attempt = task.attempt;
    this.#attempts = task.attempts;
    this.agent = new ContainerAgent(deps, this, task);
  }

  get row(): AttemptRow | null {
    return this.#attempt;
  }

  /** Seconds after which the witnesses must be asked again at the latest. The wait of a table may be longer. */
  get recheckSeconds(): number | null {
    return this.#recheckSeconds;
  }

  /** Returns the current attempt as methods see it. */
  view(): AttemptView | null {
    const attempt = this.#attempt;
    if (!attempt) return null;
    const isLegacy = attempt.signalSecretHash !== null;
    return { number: attempt.number, ...this.#task.signals, verified: attempt.sshVerifiedAt !== null, isLegacy };
  }

  /** Overwrites columns of the row that was read at the start of the step with values that were just saved. */
  update(changed: Partial<AttemptRow>): void {
    if (this.#attempt) this.#attempt = { ...this.#attempt, ...changed };
  }

  /** Returns a new attempt to configure and run. Its cluster is chosen when it runs. */
  newContainer(limits: ContainerLimits): ContainerInterface {
    const { clock, log } = this.#deps;
    let made: AttemptRow | null = null;
    const actions: AttemptActions = {
      ...this.#actionsOn(() => this.#attempt),
      launch: async (overrides) => {
        const outcome = await launchIntoFirstWithRoom({
          candidates: await this.#listCandidates(),
          launch: (nth, candidate) => {
            const ledger = this.#openLedger(nth, candidate, (attempt) => (made = attempt));
            return launchOnce({ ledger, limits, clock, log }, overrides);
          },
          launchedInto: () => this.#attempt?.cluster ?? null,
          onUnusable: ({ name }, error) =>
            log.error({ err: error, cluster: name }, 'ALERT: a cluster that stands in for a full one cannot be used'),
        });
        if (outcome.kind === 'launched')
          this.update({ arn: outcome.arn, launchedAt: this.#task.now, state: 'launched' });
        return outcome;
      },
      findArn: async () => (made ? this.#ecs.findArn(made) : null),
      giveUp: async () => (made ? this.#giveUp(made) : undefined),
    };
    return new AttemptContainer(actions, { kind: 'intended', launch: 'new' });
  }

  #openLedger(nth: number, candidate: ClusterCandidate, onAttempt: (attempt: AttemptRow) => void) {
    const { clusters } = this.#deps;
    const { lease, uuid, effectKey } = this.#task;
    const targetOf = (access: ClusterAccess): OpenTarget => ({
      ...access,
      pinDefinition: () => access.pinDefinition(askForLaunch(this.#task.wip)),
    });
    return createLaunchLedger(this.#deps, {
      lease,
      uuid,
      // Each cluster that one launch tries has its own attempt, and so its own key.
      key: effectKey('entry', nth === 1 ? 'launch' : `launch-${nth}`),
      attempts: this.#attempts,
      currentAttempt: this.#attempt?.number ?? null,
      openNew: async () => {
        const { reason, open } = await this.#present(nth, candidate);
        return { ...targetOf(await open()), reason };
      },
      openOf: async (attempt) => targetOf(await clusters.openOf(attempt)),
      onAttempt: (attempt) => {
        this.#attempt = attempt;
        this.#attempts = attempt.number;
        onAttempt(attempt);
      },
    });
  }

  /** Lists the first candidate again, because the row of its cluster may have been deleted since it was listed. */
  async #present(nth: number, candidate: ClusterCandidate): Promise<ClusterCandidate> {
    if (nth > 1) return candidate;
    const [first = candidate] = await this.#listCandidates();
    return first;
  }

  async #listCandidates(): Promise<readonly ClusterCandidate[]> {
    return moveFullClusterLast(await this.#deps.clusters.listCandidates(askForLaunch(this.#task.wip)), this.#attempt);
  }

  /** Returns the current attempt's container; null when there was no launch, or no launch that led to a container. */
  container(): ContainerInterface | null {
    const attempt = this.#attempt;
    return attempt && attempt.state !== 'void' ? this.#containerOf(attempt) : null;
  }

  #containerOf(attempt: AttemptRow): AttemptContainer {
    const actions: AttemptActions = {
      ...this.#actionsOn(() => attempt),
      launch: null,
      findArn: () => this.#ecs.findArn(attempt),
      giveUp: () => this.#giveUp(attempt),
    };
    const { arn, state } = attempt;
    return new AttemptContainer(
      actions,
      arn === null ? { kind: 'intended', launch: 'sent' } : { kind: 'launched', arn, isOver: state === 'stopped' },
    );
  }

  /** Returns the address of the container's SSH port, as ECS reports it, and saves it with the attempt. */
  async address(): Promise<ContainerAddress | null> {
    const attempt = this.#attempt;
    if (!attempt?.arn) return null;
    if (attempt.address) return attempt.address;
    const address = await findAddress({ describe: (...asked) => this.#ecs.describe(attempt, ...asked) }, attempt.arn);
    if (address) {
      await this.#deps.store.markWitnessed(attempt.id, { address });
      this.update({ address });
    }
    return address;
  }

  /** Asks ECS and returns the verdict of the witnesses. */
  async liveness(): Promise<LivenessView> {
    const attempt = this.#attempt;
    const view = this.view();
    if (!attempt || !view) return { verdict: 'none', sentence: 'No container was launched.', cause: null, retry: null };
    if (attempt.endCause && attempt.state !== 'void') return viewOfEnd(attempt.endCause);
    if (attempt.reusedAt && !attempt.sshVerifiedAt) return this.#endReused(attempt);
    // A fresh answer is requested for the stop code, which ECS has before the agent gets its SIGTERM.
    if (attempt.arn) await this.#observe(attempt, attempt.arn, saysWhy(view) ? 'shared' : 'fresh');
    const row = this.#attempt ?? attempt;
    const liveness = decideLiveness(witnessesOf(row, view, this.#task.now, this.#deps.heartbeatSeconds));
    this.#recheckSeconds =
      view.isLegacy === true ? legacyRecheckSeconds(liveness, row, this.#task.now) : liveness.recheckSeconds;
    if (liveness.stopTask) await this.#tryToKill(row, `given up: ${liveness.evidence.join('; ')}`);
    const seen = livenessView(liveness, row, view);
    if (seen.cause !== OUT_OF_MEMORY) return this.#decided(row, seen);
    const memoryPeakBytes = await this.#deps.store.readMemoryPeak(row.id);
    return this.#decided(row, livenessView(liveness, row, { ...view, memoryPeakBytes }));
  }

  /** Stores the end of a container when it is decided. Later steps and all other readers use the stored end. */
  async #decided(attempt: AttemptRow, view: LivenessView): Promise<LivenessView> {
    if (!view.end) return view;
    const end = await this.#ecs.withLogTail(attempt, view.end);
    await this.#deps.store.markExplained(attempt.id, end);
    this.update({ endCause: end, cause: end.cause });
    return end === view.end ? view : viewOfEnd(end);
  }

  /**
   * Ends an attempt whose enrolment token a second caller used before the container had proven itself over SSH. No
   * one knows which of the two callers is the build's, so neither gets its secrets.
   */
  async #endReused(attempt: AttemptRow): Promise<LivenessView> {
    await this.#tryToKill(attempt, 'its enrolment token was used twice');
    return this.#decided(attempt, viewOfEnd(ENROLMENT_REUSED));
  }

  /**
   * Stops the container; a refusal by ECS is only noted. The verdict stands either way: the states that release a container
   * repeat the stop.
   */
  async #tryToKill(attempt: AttemptRow, reason: string): Promise<void> {
    try {
      await this.#containerOf(attempt).kill(reason);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
    }
  }

  #actionsOn(attemptOf: () => AttemptRow | null): ExistingActions {
    const existing = (): AttemptRow => {
      const attempt = attemptOf();
      if (!attempt) throw new Error('a container attempt was used before it was intended');
      return attempt;
    };
    return {
      describe: (arn) => this.#ecs.describe(existing(), arn),
      observe: (arn) => this.#observe(existing(), arn),
      address: () => this.address(),
      stop: (arn, reason) => {
        const send = (): Promise<void> => this.#ecs.stop(existing(), arn, reason);
        return sendStop(this.#deps, existing(), { arn, at: this.#task.now, send, onNoted: (to) => this.update(to) });
      },
      now: () => this.#task.now,
    };
  }

  /** Asks ECS (answers are shared and batched) and saves the changes. */
  async #observe(attempt: AttemptRow, arn: string, freshness?: 'shared' | 'fresh'): Promise<EcsSnapshot> {
    const snapshot = await this.#ecs.describe(attempt, arn, freshness);
    const change = snapshotChange(attempt, snapshot);
    if (change) this.update(await saveSnapshotChange(this.#deps.store, attempt, change));
    return snapshot;
  }

  async #giveUp(attempt: AttemptRow): Promise<void> {
    await this.#deps.store.markVoid(attempt.id, 'given-up');
    this.update({ state: 'void' });
  }
}
