/** The order to start one container. It is derived from the stored task, so it is the same after a restart. */
export interface LaunchOrder {
  readonly arn: string;
  /** A directory of the container's own, below the one of local ECS. */
  readonly directory: string;
  /** The environment of the definition, with the overrides laid over it. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface PortBinding {
  readonly containerPort: number;
  readonly hostPort: number;
}

export interface LaunchedContainer {
  /** Resolves when the container and every process in it is gone. The exit code is null when nobody saw it. */
  readonly ended: Promise<{ readonly exitCode: number | null }>;
  /** Sends SIGTERM to the entrypoint, as StopTask does. */
  terminate(): void;
  /** Sends SIGKILL to every process in the container. */
  kill(): void;
  /** Returns the ports that are bound by now. */
  ports(): readonly PortBinding[];
}

export type Adoption =
  | { readonly kind: 'running'; readonly launched: LaunchedContainer }
  | { readonly kind: 'ended'; readonly exitCode: number | null }
  | { readonly kind: 'never-started' };

/** Runs containers for local ECS: as processes, with a container engine, or simulated. */
export interface Launcher {
  /** Rejects when the container cannot be started; the message becomes the task's stop reason. */
  start(order: LaunchOrder): Promise<LaunchedContainer>;
  /** Finds out, after a restart of local ECS, what became of a container that may have been started before. */
  adopt(order: LaunchOrder): Promise<Adoption>;
  /** Removes the files of a container that has ended. */
  discard(order: LaunchOrder): Promise<void>;
}
