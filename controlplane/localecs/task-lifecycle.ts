import { messageOf } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { LATE, withinTime } from '../../shared/time/within-time.ts';
import type { EcsStatus } from '../containers/container.ts';
import type { AgentConnections } from './placement/agent-connections.ts';
import type { Faults } from './faults/faults.ts';
import type { ContainerHealth, LaunchedContainer, Launcher, LaunchOrder, PortBinding } from './launcher.ts';
import type { LocalTask } from './local-state.ts';

/*
 * PROVISIONING → PENDING → ACTIVATING → (start) → RUNNING → DEACTIVATING → STOPPING → DEPROVISIONING → STOPPED
 *        └──────────────┴─────────────── asked to stop, or cannot start ──────────────────────┘
 */

/** Milliseconds that a task stays in each status. */
export type StatusDelays = Readonly<
  Record<'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING', number>
>;

export interface TaskLifecycleDeps {
  readonly launcher: Launcher;
  readonly delays: StatusDelays;
  readonly save: () => Promise<void>;
  /** Called with the error of a save that failed. The next save makes up for it. */
  readonly onUnsaved: (error: unknown) => void;
  /** Faults of the next task that starts or ends. */
  readonly faults: Pick<Faults, 'startError' | 'losesExitCode' | 'extraDelayMs' | 'provisioningExpiry'>;
  readonly connections: Pick<AgentConnections, 'wait'>;
  readonly clock: Clock;
}

export interface StopOrder {
  readonly stopCode: string;
  readonly reason: string;
  /** Replaces the definition's stopTimeout when it is shorter. */
  readonly graceMs?: number;
  /** `lost`: nobody is left who could tell the exit code. */
  readonly exitCode?: 'lost';
}

/** A longer timer of Node's would end at once. ECS knows no longest stopTimeout on machines. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const STARTING = ['PROVISIONING', 'PENDING', 'ACTIVATING'] as const;

/** Leads one task from its present status to STOPPED. */
export class TaskLifecycle {
  readonly #task: LocalTask;
  readonly #order: LaunchOrder;
  readonly #deps: TaskLifecycleDeps;
  readonly #stopping = new AbortController();
  #graceMs: number;
  #launched: LaunchedContainer | null = null;
  #isKilled = false;
  #isExitCodeLost = false;

  constructor(task: LocalTask, order: LaunchOrder, context: TaskLifecycleDeps) {
    this.#task = task;
    this.#order = order;
    this.#deps = context;
    this.#graceMs = Math.min(task.stopTimeoutSeconds * 1000, LONGEST_TIMER_MS);
  }

  /** Takes over a task of an earlier run and returns what was found of its container. */
  async adopt(): Promise<'running' | 'ended' | 'never-started'> {
    const task = this.#task;
    const adoption = await this.#deps.launcher.adopt(this.#order);
    if (adoption.kind === 'running') {
      this.#launched = adoption.launched;
      task.startedAt ??= this.#now();
      if (task.desiredStatus === 'RUNNING') task.lastStatus = 'RUNNING';
    }
    if (adoption.kind === 'ended') {
      task.container.exitCode = adoption.exitCode;
      task.container.reason ??= adoption.reason ?? null;
      task.startedAt ??= task.createdAt;
      // When it ended nobody saw.
      task.executionStoppedAt ??= this.#now();
      this.#markStopping('EssentialContainerExited', 'Essential container in task exited');
    }
    return adoption.kind;
  }

  /** Resolves when the task is STOPPED. */
  async live(): Promise<void> {
    if (this.#task.desiredStatus === 'STOPPED') this.#orderStop();
    if (!this.#launched && !this.#stopping.signal.aborted) await this.#start();
    if (this.#launched) await this.#untilEnded(this.#launched);
    await this.#linger('DEPROVISIONING');
    this.#task.stoppedAt = this.#now();
    await this.#enter('STOPPED');
  }

  stop(order: StopOrder): void {
    this.#markStopping(order.stopCode, order.reason);
    if (order.exitCode === 'lost') this.#isExitCodeLost = true;
    if (order.graceMs !== undefined) this.#graceMs = Math.min(this.#graceMs, order.graceMs);
    this.#orderStop();
  }

  /** The order reaches the container through the ECS agent of its machine, so at once or when that is connected again. */
  #orderStop(): void {
    const reached = this.#deps.connections.wait(this.#task);
    if (reached === null) this.#stopping.abort();
    else void reached.then(() => this.#stopping.abort());
  }

  /** Kills the container; one that is still being started is killed as soon as it runs. */
  kill(): void {
    this.#isKilled = true;
    this.#launched?.kill();
  }

  ports(): readonly PortBinding[] {
    return this.#launched?.ports() ?? [];
  }

  /** The container's own address; undefined when it shares that of this machine, null while it has none yet. */
  address(): string | null | undefined {
    return this.#launched?.address?.();
  }

  health(): ContainerHealth {
    return this.#launched?.health?.() ?? 'UNKNOWN';
  }

  async #start(): Promise<void> {
    const reached = STARTING.findIndex((status) => status === this.#task.lastStatus);
    for (const status of STARTING.slice(Math.max(0, reached))) {
      if (status === 'PENDING') this.#task.pullStartedAt ??= this.#now();
      if (status === 'ACTIVATING') this.#task.pullStoppedAt ??= this.#now();
      await this.#linger(status, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      if (status === 'PROVISIONING' && this.#provisioningExpires()) return;
      if (status === 'PENDING' && !(await this.#prepare())) return;
    }
    this.#launched = await this.#launch();
    if (!this.#launched) return;
    if (this.#isKilled) this.#launched.kill();
    this.#task.startedAt = this.#now();
    await this.#enter('RUNNING');
  }

  #provisioningExpires(): boolean {
    const reason = this.#deps.faults.provisioningExpiry();
    if (reason === null) return false;
    this.#task.isUnprovisioned = true;
    this.#markStopping('TaskFailedToStart', reason);
    return true;
  }

  /** Fetches the image. Returns false when the task ends instead. */
  async #prepare(): Promise<boolean> {
    try {
      await this.#deps.launcher.prepare?.(this.#order, this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#failToStart(error);
      return false;
    }
    return !this.#stopping.signal.aborted;
  }

  async #launch(): Promise<LaunchedContainer | null> {
    try {
      const error = this.#deps.faults.startError();
      if (error) throw new Error(error);
      // This save must succeed: the next start would not know of a container that is in no file.
      await this.#deps.save();
      return await this.#deps.launcher.start(this.#order);
    } catch (error) {
      this.#failToStart(error);
      return null;
    }
  }

  #failToStart(error: unknown): void {
    const message = messageOf(error);
    const isInEcsWords = /^[A-Z]\w+Error: /.test(message);
    const reason = isInEcsWords ? message : `CannotStartContainerError: ${message}`;
    // ECS says it of the task and of the container.
    this.#task.container.reason ??= reason;
    this.#task.executionStoppedAt ??= this.#now();
    this.#markStopping('TaskFailedToStart', reason);
  }

  async #untilEnded(launched: LaunchedContainer): Promise<void> {
    const first = await Promise.race([launched.ended, this.#stopRequested()]);
    if (first === 'stop-requested') await this.#end(launched);
    const endedAt = this.#now();
    // An end by itself is told by the ECS agent of the machine.
    if (first !== 'stop-requested') await this.#deps.connections.wait(this.#task);
    this.#markStopping('EssentialContainerExited', 'Essential container in task exited');
    const { exitCode, reason } = await launched.ended;
    this.#task.executionStoppedAt = endedAt;
    const isLost = this.#isExitCodeLost || this.#deps.faults.losesExitCode();
    this.#task.container.exitCode = isLost ? null : exitCode;
    // An injected fault has given its reason before.
    this.#task.container.reason ??= reason ?? null;
  }

  #stopRequested(): Promise<'stop-requested'> {
    const { signal } = this.#stopping;
    if (signal.aborted) return Promise.resolve('stop-requested');
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve('stop-requested'), { once: true }));
  }

  /** Sends SIGTERM, waits for the grace period, sends SIGKILL. */
  async #end(launched: LaunchedContainer): Promise<void> {
    const { clock, delays } = this.#deps;
    await this.#linger('DEACTIVATING');
    await this.#enter('STOPPING');
    launched.terminate();
    if ((await withinTime(launched.ended, { clock, limitMs: this.#graceMs })) === LATE) launched.kill();
    await launched.ended;
    await clock.sleep(delays.STOPPING);
  }

  /** Only the first reason is kept and shown. */
  #markStopping(stopCode: string, stoppedReason: string): void {
    if (this.#task.desiredStatus === 'STOPPED') return;
    Object.assign(this.#task, { desiredStatus: 'STOPPED', stopCode, stoppedReason, stoppingAt: this.#now() });
    this.#task.version += 1;
  }

  /** Stays in a status for its time; `until` cuts the wait short. */
  async #linger(status: keyof StatusDelays, until?: AbortSignal): Promise<void> {
    await this.#enter(status);
    await this.#deps.clock.sleep(this.#deps.delays[status] + this.#deps.faults.extraDelayMs(status), until);
  }

  async #enter(status: EcsStatus): Promise<void> {
    if (this.#task.lastStatus !== status) this.#task.version += 1;
    this.#task.lastStatus = status;
    // A failed save does not hold up the end: a container must not run on because its status cannot be saved.
    await this.#deps.save().catch(this.#deps.onUnsaved);
  }

  #now(): string {
    return this.#deps.clock.now().toISOString();
  }
}
