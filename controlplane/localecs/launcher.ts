import type { DefinitionInput } from './local-state.ts';

/** The order to start one container. It is derived from the stored task, so it is the same after a restart. */
export interface LaunchOrder {
  readonly arn: string;
  /** A directory of the container's own, below the one of local ECS. */
  readonly directory: string;
  /** The environment of the definition, with the overrides laid over it. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * The task definition, for launchers that run its image. Absent when it was deleted after the task had been started.
   */
  readonly definition?: DefinitionInput | undefined;
  /** What RunTask changes of the definition, as it was sent. */
  readonly overrides?: unknown;
}

export interface PortBinding {
  readonly containerPort: number;
  readonly hostPort: number;
  /** Where the port is bound. Absent: the address of this machine. */
  readonly hostAddress?: string;
}

/** How a container ended. */
export interface ContainerEnd {
  /** Null when nobody saw it. */
  readonly exitCode: number | null;
  /** What ECS would show as the container's reason, such as `OutOfMemoryError: …`. */
  readonly reason?: string;
}

export interface LaunchedContainer {
  /** Resolves when the container and every process in it is gone. */
  readonly ended: Promise<ContainerEnd>;
  /** Sends SIGTERM, or the stop signal of the image, to the entrypoint, as StopTask does. */
  terminate(): void;
  /** Sends SIGKILL to every process in the container. */
  kill(): void;
  /** Returns the ports that are bound by now. */
  ports(): readonly PortBinding[];
  /** Returns the address of its own that the container has in its network. Absent: it shares that of this machine. */
  address?(): string | null;
  /** Returns what the health check of the definition found last. Absent: there are no health checks. */
  health?(): ContainerHealth;
}

/** The healthStatus of ECS. UNKNOWN without a health check, and before its first result. */
export type ContainerHealth = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';

export type Adoption =
  | { readonly kind: 'running'; readonly launched: LaunchedContainer }
  | ({ readonly kind: 'ended' } & ContainerEnd)
  | { readonly kind: 'never-started' };

/** Runs containers for local ECS: as processes, with a container engine, or simulated. */
export interface Launcher {
  /** Returns why no container of this definition can be run; null when one can. Absent: every definition can be run. */
  whyRefused?(definition: DefinitionInput): string | null;
  /** Fetches what the container is started from. Rejects as `start` does, or when the signal aborts. */
  prepare?(order: LaunchOrder, signal: AbortSignal): Promise<void>;
  /** Rejects when the container cannot be started; the message becomes the task's stop reason. */
  start(order: LaunchOrder): Promise<LaunchedContainer>;
  /** Finds out, after a restart of local ECS, what became of a container that may have been started before. */
  adopt(order: LaunchOrder): Promise<Adoption>;
  /** Removes the files of a container that has ended. */
  discard(order: LaunchOrder): Promise<void>;
}
