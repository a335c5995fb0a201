import path from 'node:path';
import type { Logger } from '../../shared/support/logger.ts';
import type { LaunchOrder, PortBinding } from './launcher.ts';
import type { LocalTask } from './local-state.ts';
import { TaskLife, type StopOrder, type TaskLifeWorld } from './task-life.ts';

/** The tasks that live, by ARN. */
export class TaskLives {
  readonly #directory: string;
  readonly #world: TaskLifeWorld;
  readonly #log: Logger;
  readonly #living = new Map<string, { readonly life: TaskLife; readonly over: Promise<void> }>();

  constructor(directory: string, world: TaskLifeWorld, log: Logger) {
    this.#directory = directory;
    this.#world = world;
    this.#log = log;
  }

  /** Takes a new task to its end; returns at once. */
  begin(task: LocalTask): void {
    this.#lead(task, new TaskLife(task, this.#orderFor(task), this.#world));
  }

  /** Takes a task of an earlier run to its end; returns when it is known what is left of it. */
  async adopt(task: LocalTask): Promise<void> {
    const life = new TaskLife(task, this.#orderFor(task), this.#world);
    const found = await life.adopt();
    this.#log.info({ task: task.arn, found }, 'container of an earlier run');
    this.#lead(task, life);
  }

  stop(task: LocalTask, order: StopOrder): void {
    this.#living.get(task.arn)?.life.stop(order);
  }

  /** SIGKILL to everything in the container, as a crash or the OOM killer does; `reason` as ECS would tell it. */
  crash(task: LocalTask, reason?: string): void {
    task.container.reason = reason ?? task.container.reason;
    this.#living.get(task.arn)?.life.kill();
  }

  ports(task: LocalTask): readonly PortBinding[] {
    return this.#living.get(task.arn)?.life.ports() ?? [];
  }

  /** Removes what a stopped task has left. */
  discard(task: LocalTask): Promise<void> {
    return this.#world.launcher.discard(this.#orderFor(task));
  }

  /** Resolves when no task lives any more. */
  async allEnded(): Promise<void> {
    await Promise.all([...this.#living.values()].map(({ over }) => over));
  }

  #lead(task: LocalTask, life: TaskLife): void {
    const over = life
      .live()
      .catch((error: unknown) => this.#log.error({ err: error, task: task.arn }, 'local ECS lost track of a task'))
      .finally(() => this.#living.delete(task.arn));
    this.#living.set(task.arn, { life, over });
  }

  #orderFor(task: LocalTask): LaunchOrder {
    const directory = path.join(this.#directory, 'tasks', task.id);
    return { arn: task.arn, directory, environment: task.environment };
  }
}
