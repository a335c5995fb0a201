import path from 'node:path';
import { messageOf } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import type { EcsStatus } from '../containers/container.ts';
import type { LaunchedContainer, Launcher, LaunchOrder, PortBinding } from './launcher.ts';
import type { LocalTask } from './local-state.ts';

/*
 * PROVISIONING → PENDING → ACTIVATING → (start) → RUNNING → DEACTIVATING → STOPPING → DEPROVISIONING → STOPPED
 *        └──────────────┴─────────────── told to stop, or cannot be started ──────────────────┘
 */

/** Milliseconds that a task stays in a status. */
export type StatusDelays = Readonly<
  Record<'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING', number>
>;

export interface TaskLifeOptions {
  readonly directory: string;
  readonly launcher: Launcher;
  readonly delays: StatusDelays;
  readonly save: () => Promise<void>;
  /** What the faults ask of this task; null when nothing. */
  readonly startError: () => string | null;
  readonly losesExitCode: () => boolean;
  readonly extraDelayMs: (status: EcsStatus) => number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface StopOrder {
  readonly stopCode: string;
  readonly reason: string;
  /** Instead of the definition's stopTimeout. */
  readonly graceMs?: number;
}

export interface TaskLife {
  /** Takes a task from wherever it is to its end; returns at once. */
  begin(task: LocalTask): void;
  /** Takes over a task of an earlier run. */
  adopt(task: LocalTask): Promise<void>;
  stop(task: LocalTask, order: StopOrder): void;
  /** SIGKILL to everything in the container, as a crash or the OOM killer does; `reason` as ECS would tell it. */
  crash(task: LocalTask, reason?: string): void;
  ports(task: LocalTask): readonly PortBinding[];
  /** Removes what a stopped task has left. */
  discard(task: LocalTask): Promise<void>;
  /** Resolves when no task lives any more. */
  allEnded(): Promise<void>;
}

interface Living {
  readonly stopping: AbortController;
  graceMs: number;
  launched: LaunchedContainer | null;
  over: Promise<void>;
}

const STARTING = ['PROVISIONING', 'PENDING', 'ACTIVATING'] as const;

export function createTaskLife(options: TaskLifeOptions): TaskLife {
  const { launcher, clock, log } = options;
  const living = new Map<string, Living>();

  const orderFor = (task: LocalTask): LaunchOrder => ({
    arn: task.arn,
    directory: path.join(options.directory, 'tasks', task.id),
    environment: task.environment,
  });

  function open(task: LocalTask): Living {
    const life: Living = {
      stopping: new AbortController(),
      graceMs: task.stopTimeoutSeconds * 1000,
      launched: null,
      over: Promise.resolve(),
    };
    living.set(task.arn, life);
    return life;
  }

  function run(task: LocalTask, life: Living, work: () => Promise<void>): void {
    life.over = work()
      .then(() => conclude(task))
      .catch((error: unknown) => log.error({ err: error, task: task.arn }, 'local ECS lost track of a task'))
      .finally(() => living.delete(task.arn));
  }

  async function enter(task: LocalTask, status: EcsStatus): Promise<void> {
    task.lastStatus = status;
    await options.save();
  }

  /** In a status for its time; `until` cuts it short. */
  async function linger(task: LocalTask, status: keyof StatusDelays, until?: AbortSignal): Promise<void> {
    await enter(task, status);
    await clock.sleep(options.delays[status] + options.extraDelayMs(status), until);
  }

  async function start(task: LocalTask, life: Living): Promise<void> {
    const from = Math.max(
      0,
      STARTING.findIndex((status) => status === task.lastStatus),
    );
    for (const status of STARTING.slice(from)) {
      await linger(task, status, life.stopping.signal);
      if (life.stopping.signal.aborted) return;
    }
    try {
      const error = options.startError();
      if (error) throw new Error(error);
      life.launched = await launcher.start(orderFor(task));
    } catch (error) {
      const said = messageOf(error);
      markStopping(
        task,
        'TaskFailedToStart',
        /^[A-Z]\w+Error: /.test(said) ? said : `CannotStartContainerError: ${said}`,
      );
      return;
    }
    task.startedAt = clock.now().toISOString();
    await enter(task, 'RUNNING');
  }

  async function finish(task: LocalTask, life: Living, launched: LaunchedContainer): Promise<void> {
    const stopped = new Promise<'told'>((resolve) => {
      if (life.stopping.signal.aborted) resolve('told');
      life.stopping.signal.addEventListener('abort', () => resolve('told'), { once: true });
    });
    const first = await Promise.race([launched.ended, stopped]);
    if (first === 'told') await end(task, life, launched);
    const { exitCode } = await launched.ended;
    task.container.exitCode = options.losesExitCode() ? null : exitCode;
    if (first !== 'told') markStopping(task, 'EssentialContainerExited', 'Essential container in task exited');
  }

  /** SIGTERM, the grace, SIGKILL. */
  async function end(task: LocalTask, life: Living, launched: LaunchedContainer): Promise<void> {
    await linger(task, 'DEACTIVATING');
    await enter(task, 'STOPPING');
    launched.terminate();
    const graceOver = new AbortController();
    const isInTime = await Promise.race([
      launched.ended.then(() => true),
      clock.sleep(life.graceMs, graceOver.signal).then(() => false),
    ]);
    graceOver.abort();
    if (!isInTime) launched.kill();
    await launched.ended;
    await clock.sleep(options.delays.STOPPING);
  }

  function markStopping(task: LocalTask, stopCode: string, reason: string): void {
    if (task.desiredStatus === 'STOPPED') return; // the first reason is the one that is shown
    Object.assign(task, {
      desiredStatus: 'STOPPED',
      stopCode,
      stoppedReason: reason,
      stoppingAt: clock.now().toISOString(),
    });
  }

  async function conclude(task: LocalTask): Promise<void> {
    await linger(task, 'DEPROVISIONING');
    task.stoppedAt = clock.now().toISOString();
    await enter(task, 'STOPPED');
  }

  async function lead(task: LocalTask, life: Living): Promise<void> {
    if (task.desiredStatus === 'STOPPED') life.stopping.abort();
    if (!life.launched && !life.stopping.signal.aborted) await start(task, life);
    if (life.launched) await finish(task, life, life.launched);
  }

  return {
    begin(task) {
      const life = open(task);
      run(task, life, () => lead(task, life));
    },
    async adopt(task) {
      const life = open(task);
      const adoption = await launcher.adopt(orderFor(task));
      log.info({ task: task.arn, found: adoption.kind }, 'container of an earlier run');
      if (adoption.kind === 'running') {
        life.launched = adoption.launched;
        task.startedAt ??= clock.now().toISOString();
        if (task.desiredStatus === 'RUNNING') task.lastStatus = 'RUNNING';
      }
      if (adoption.kind === 'ended') {
        task.container.exitCode = adoption.exitCode;
        task.startedAt ??= task.createdAt;
        markStopping(task, 'EssentialContainerExited', 'Essential container in task exited');
      }
      run(task, life, () => lead(task, life));
    },
    stop(task, order) {
      markStopping(task, order.stopCode, order.reason);
      const life = living.get(task.arn);
      if (life && order.graceMs !== undefined) life.graceMs = Math.min(life.graceMs, order.graceMs);
      life?.stopping.abort();
    },
    crash(task, reason) {
      task.container.reason = reason ?? task.container.reason;
      living.get(task.arn)?.launched?.kill();
    },
    ports: (task) => living.get(task.arn)?.launched?.ports() ?? [],
    discard: (task) => launcher.discard(orderFor(task)),
    async allEnded() {
      await Promise.all([...living.values()].map((life) => life.over));
    },
  };
}
