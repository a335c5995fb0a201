import type { ContainerInterface } from '../../containers/container.ts';
import { PROCESS_RUNNING } from '../../containers/wait-reason.ts';
import type { WantedSize } from '../../containers/rules/wanted-size.ts';
import { asClause } from './as-clause.ts';
import { BasicWip, type FailureCause } from '../basic-wip.ts';
import { clearResults, resultBag } from './check-result-status.ts';
import { launchContainer } from './container-launch.ts';
import { containerLimitsOf, containerSizeOf, type ContainerWipOptions } from './container-wip-options.ts';
import { addressValue, hasAddress, noteAddress } from './container-address.ts';
import { containerValueOf, type ContainerValue } from './container-value.ts';
import { judgeResources, readResources } from './container-resources.ts';
import {
  CONTAINER_START_STATE,
  CONTAINER_STOP_STATE,
  CONTAINER_STOP_FAILED_STATE,
  CONTAINER_TERMINATED_STATE,
  CONTAINER_TRANSITIONS,
  containerStartTable,
  containerStopTable,
} from './container-state-tables.ts';
import type { ContainerLimits, WipContext } from '../context.ts';
import { interactionResult, isAlarming } from './interaction-result.ts';
import { tellEndOfContainer } from './last-words.ts';
import { beginLaunches, noteRelease } from './launch-bag.ts';
import { awaitsLastWords, noteKilled } from './killed-process.ts';
import { refreshResultStatus } from './result-status.ts';
import { hasStopFailed, stopContainer, warnOfContainer } from './stop-container.ts';
import type { TransitionMethods, ValueOf } from '../transitions.ts';
import { describeUsage } from './usage-sentence.ts';
import { waitForLaunch } from './wait-for-launch.ts';

type T = typeof CONTAINER_TRANSITIONS;
export type ContainerResultStatus = ValueOf<T, 'checkContainerResultStatus'>;

/** A task that runs in a container: the blocks that launch, prove and release it. */
export class ContainerWip<O extends ContainerWipOptions = ContainerWipOptions>
  extends BasicWip<O>
  implements TransitionMethods<T>
{
  override get kind(): string {
    return 'ContainerWip';
  }

  override get clusters(): readonly string[] {
    return this.options.cluster?.split(',') ?? [];
  }

  override get containerSize(): WantedSize {
    return containerSizeOf(this.options);
  }

  override get transitions(): Record<string, readonly string[]> {
    return { ...super.transitions, ...CONTAINER_TRANSITIONS };
  }

  getContainerStartState(): string {
    return CONTAINER_START_STATE;
  }

  getContainerStopState(): string {
    return CONTAINER_STOP_STATE;
  }

  /**
   * Returns table text that a subclass stitches into its own. The arguments are states of that table. The text contains
   * the block of `containerTerminated`, unless `terminated` names another state.
   */
  getContainerStartTable(success: string, failure: string, terminated: string = CONTAINER_TERMINATED_STATE): string {
    return containerStartTable({ success, failure, terminated });
  }

  /** Like getContainerStartTable, with the block of `containerStopFailed`, unless `failure` names another state. */
  getContainerStopTable(success: string, failure: string = CONTAINER_STOP_FAILED_STATE): string {
    return containerStopTable({ success, failure });
  }

  override getStateTable(): string {
    return `
${this.getContainerStartTable(this.getContainerStopState(), 'failure')}
${this.getContainerStopTable('finish')}
failure {
  *  ${this.getContainerStopState()}
  !  ${this.getContainerStopState()}
}
terminate {
  *  ${this.getContainerStopState()}
  !  failure
}
`;
  }

  /** Configures the container; subclasses extend it, and may be async. It is called for each new attempt, before it runs. */
  addContainerOverrides(_container: ContainerInterface, _context: WipContext): void {}

  // ---- start ----

  async containerWipStart(context: WipContext): Promise<void> {
    beginLaunches(context);
    await context.container()?.kill('The Wip task starts anew');
  }

  async containerWipInvoke(context: WipContext): Promise<void> {
    for (const state of ['containerWipSetupEnvironment', 'containerWipRelease', 'containerWipTerminate']) {
      context.linkContext(state);
    }
    const container = context.newContainer(this.containerLimits(context));
    // A subclass may make a promise of it. The container must not run before it is configured.
    const configured: unknown = this.addContainerOverrides(container, context);
    await configured;
    await launchContainer(context, container);
  }

  containerWipWaitForLaunch(context: WipContext): Promise<ValueOf<T, 'containerWipWaitForLaunch'>> {
    return waitForLaunch(context);
  }

  containerWipContainerLaunched(context: WipContext): void {
    context.log('INFO', `The container is ready (attempt ${context.attempt?.number ?? 1}).`, { userReadable: true });
  }

  async containerWipSetupEnvironment(context: WipContext): Promise<void> {
    await noteAddress(context);
  }

  async containerWipEnvironmentReady(context: WipContext): Promise<ValueOf<T, 'containerWipEnvironmentReady'>> {
    if (hasAddress(context)) return 'yes';
    const value = await this.containerValue(context);
    return value === 'wait' ? 'no_information' : (value ?? (await addressValue(context)));
  }

  async containerWipCheckSsh(context: WipContext): Promise<void> {
    const part = clearResults(context.bag);
    const outcome = await context.agent.verify();
    part.results['ssh'] = interactionResult(outcome);
    if (outcome.kind === 'ok') context.log('INFO', 'The container was verified over SSH.');
    else {
      context.waitsFor(`its container does not answer over SSH yet: ${asClause(outcome.message)}`);
      context.log(isAlarming(outcome) ? 'ALERT' : 'DEBUG', `SSH check: ${outcome.message}`);
    }
  }

  async containerWipCheckResources(context: WipContext): Promise<void> {
    await readResources(context);
  }

  async checkContainerResources(context: WipContext): Promise<ValueOf<T, 'checkContainerResources'>> {
    const value = await this.containerValue(context);
    if (value) return value === 'wait' ? 'no_information' : value;
    return judgeResources(context);
  }

  // ---- while it runs ----

  /** Returns the verdict about the container if that decides (ended, no information), else `checkResultStatus`. */
  async checkContainerResultStatus(context: WipContext): Promise<ContainerResultStatus> {
    const status = await refreshResultStatus(context);
    const results = Object.values(resultBag(context.bag).processes).map((process) => process.result);
    if (results.includes(null)) context.waitsFor('its process is running in the container', { code: PROCESS_RUNNING });
    const killed = noteKilled(context, results);
    const value = await this.containerValue(context);
    if (value === 'terminated') return value;
    if (killed) return value === 'wait' || awaitsLastWords(context, killed) ? 'wait' : 'terminated';
    if (value === null) return status;
    // `last_words`: the container has ended and its last signals may still arrive. `no_information` counts only
    // if the result of the work is unknown too.
    return value === 'wait' || status === 'wait' ? value : status;
  }

  /** Returns the value that the witnesses' verdict decides; null when the result of the work decides. */
  protected async containerValue(context: WipContext): Promise<ContainerValue> {
    return await containerValueOf(context);
  }

  /** Says why the container ended before its work was done: in the words of its agent, or what ECS knows. */
  async containerTerminated(context: WipContext): Promise<void> {
    await tellEndOfContainer(context);
  }

  // ---- stop ----

  containerWipStop(_context: WipContext): void {}

  containerWipFinish(_context: WipContext): void {}

  containerWipReleaseOnComplete(context: WipContext): ValueOf<T, 'containerWipReleaseOnComplete'> {
    if (!context.container() || !this.options.release_on_exit) return 'no';
    if (this.options.terminate_on_exit) return 'force';
    // Without a proven SSH connection there is no agent that could be asked to stop.
    return context.attempt?.verified || context.attempt?.exit ? 'yes' : 'force';
  }

  async containerWipRelease(context: WipContext): Promise<void> {
    const part = clearResults(context.bag);
    noteRelease(context);
    const outcome = await context.agent.shutdown();
    const isStopping = outcome.kind === 'agent-refused' && outcome.code === 'AGENT_STOPPING';
    part.results['release'] = isStopping ? 'success' : interactionResult(outcome);
  }

  async containerWipTerminate(context: WipContext): Promise<void> {
    await stopContainer(context);
  }

  async containerWipIsReleased(context: WipContext): Promise<ValueOf<T, 'containerWipIsReleased'>> {
    if (hasStopFailed(context)) return 'fail';
    if (!this.options.waitForStop) return 'nowait';
    const container = context.container();
    if (!container || (await container.hasStopped())) {
      await context.liveness();
      return 'success';
    }
    context.waitsFor('its container is being stopped');
    return 'wait';
  }

  containerWipWaitForRelease(_context: WipContext): void {}

  async containerWipDataSignalReceived(context: WipContext): Promise<ValueOf<T, 'containerWipDataSignalReceived'>> {
    const exit = context.attempt?.exit;
    // Asked in any case, for its answer to be stored: why this container ended.
    const { verdict } = await context.liveness();
    const isOver = verdict === 'terminated' || verdict === 'none';
    if (exit && (isOver || context.attempt?.isLegacy !== true)) {
      for (const { id, signal } of context.inbox.all()) if (signal.classId === exit.classId) context.inbox.consume(id);
      context.log('INFO', describeUsage(exit), { userReadable: true });
      return 'success';
    }
    if (isOver) return 'success';
    const missing = exit ? 'ECS does not say so yet' : 'its exit signal has not arrived';
    context.waitsFor(`its container is stopping, and ${missing}`);
    return 'wait';
  }

  /** Turns a success into a warning: the container costs money until the reaper stops it. */
  containerStopFailed(context: WipContext): void {
    warnOfContainer(context);
  }

  override failure(context: WipContext, cause?: FailureCause): void {
    this.systemFailure(context, cause);
  }

  protected containerLimits(context: WipContext): ContainerLimits {
    return containerLimitsOf(this.options, context.settings);
  }
}
