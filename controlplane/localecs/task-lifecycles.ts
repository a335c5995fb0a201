import path from 'node:path';
import type { Log } from '../../shared/system/log.ts';
import type { ContainerHealth, LaunchOrder, PortBinding } from './launcher.ts';
import type { LocalDefinition, LocalTask } from './local-state.ts';
import { TaskLifecycle, type StopOrder, type TaskLifecycleDeps } from './task-lifecycle.ts';

interface TaskLifecyclesDeps extends TaskLifecycleDeps {
  /** Finds a definition by its ARN. */
  readonly findDefinition: (arn: string) => LocalDefinition | undefined;
}

/** The lifecycles of all tasks that have not stopped, by ARN. */
export class TaskLifecycles {
  readonly #directory: string;
  readonly #deps: TaskLifecyclesDeps;
  readonly #log: Pick<Log, 'info' | 'error'>;
  readonly #running = new Map<string, { readonly lifecycle: TaskLifecycle; readonly over: Promise<void> }>();

  constructor(directory: string, context: TaskLifecyclesDeps, log: Pick<Log, 'info' | 'error'>) {
    this.#directory = directory;
    this.#deps = context;
    this.#log = log;
  }

  /** Starts the lifecycle of a new task and returns at once. */
  begin(task: LocalTask): void {
    this.#follow(task, new TaskLifecycle(task, this.#orderFor(task), this.#deps));
  }

  /** Continues the lifecycle of a task of an earlier run. Returns when the state of its container is known. */
  async adopt(task: LocalTask): Promise<void> {
    const lifecycle = new TaskLifecycle(task, this.#orderFor(task), this.#deps);
    const found = await lifecycle.adopt();
    this.#log.info({ task: task.arn, found }, 'container of an earlier run');
    this.#follow(task, lifecycle);
  }

  stop(task: LocalTask, order: StopOrder): void {
    this.#running.get(task.arn)?.lifecycle.stop(order);
  }

  /**
   * Sends SIGKILL to every process in the container, as a crash or the OOM killer does. `reason` is shown as ECS would
   * show it.
   */
  crash(task: LocalTask, reason?: string): void {
    task.container.reason = reason ?? task.container.reason;
    this.#running.get(task.arn)?.lifecycle.kill();
  }

  ports(task: LocalTask): readonly PortBinding[] {
    return this.#running.get(task.arn)?.lifecycle.ports() ?? [];
  }

  /** The container's own address; undefined when it shares that of this machine, null while it has none. */
  address(task: LocalTask): string | null | undefined {
    return this.#running.get(task.arn)?.lifecycle.address();
  }

  health(task: LocalTask): ContainerHealth {
    return this.#running.get(task.arn)?.lifecycle.health() ?? 'UNKNOWN';
  }

  /** Removes the files of a stopped task. */
  discard(task: LocalTask): Promise<void> {
    return this.#deps.launcher.discard(this.#orderFor(task));
  }

  /** Resolves when every lifecycle has ended. */
  async allEnded(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ over }) => over));
  }

  #follow(task: LocalTask, lifecycle: TaskLifecycle): void {
    const over = lifecycle
      .live()
      .catch((error: unknown) => this.#log.error({ err: error, task: task.arn }, 'local ECS lost track of a task'))
      .finally(() => this.#running.delete(task.arn));
    this.#running.set(task.arn, { lifecycle, over });
  }

  #orderFor(task: LocalTask): LaunchOrder {
    const directory = path.join(this.#directory, 'tasks', task.id);
    const definition = this.#deps.findDefinition(task.definitionArn)?.input;
    return { arn: task.arn, directory, environment: task.environment, definition, overrides: task.overrides };
  }
}
