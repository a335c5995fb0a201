import path from 'node:path';
import type { Logger } from '../../shared/support/logger.ts';
import type { LaunchOrder, PortBinding } from './launcher.ts';
import type { LocalTask } from './local-state.ts';
import { TaskLifecycle, type StopOrder, type TaskLifecycleDeps } from './task-lifecycle.ts';

/** The tasks that live, by ARN. */
export class TaskLifecycles {
  readonly #directory: string;
  readonly #deps: TaskLifecycleDeps;
  readonly #log: Logger;
  readonly #living = new Map<string, { readonly life: TaskLifecycle; readonly over: Promise<void> }>();

  constructor(directory: string, context: TaskLifecycleDeps, log: Logger) {
    this.#directory = directory;
    this.#deps = context;
    this.#log = log;
  }

  /** Takes a new task to its end; returns at once. */
  begin(task: LocalTask): void {
    this.#lead(task, new TaskLifecycle(task, this.#orderFor(task), this.#deps));
  }

  /** Takes a task of an earlier run to its end; returns when it is known what is left of it. */
  async adopt(task: LocalTask): Promise<void> {
    const life = new TaskLifecycle(task, this.#orderFor(task), this.#deps);
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
    return this.#deps.launcher.discard(this.#orderFor(task));
  }

  /** Resolves when no task lives any more. */
  async allEnded(): Promise<void> {
    await Promise.all([...this.#living.values()].map(({ over }) => over));
  }

  #lead(task: LocalTask, life: TaskLifecycle): void {
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
